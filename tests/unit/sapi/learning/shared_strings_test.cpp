// SPDX-License-Identifier: MIT
//
// The list that forks write and their zygote reads: bounds, one writer, writers that die.
#include "php-worker/sapi/learning/shared_strings.h"

#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace {

using phork::sapi::SharedStrings;
using Verdict = SharedStrings::Verdict;

// Runs `action` in a fork that ends there, and waits for it.
template <typename Action>
void in_fork(Action&& action) {
  const pid_t pid = ::fork();
  REQUIRE(pid != -1);
  if (pid == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(status == 0);
}

void write(SharedStrings& strings, std::uint8_t kind, std::string_view content) {
  REQUIRE(strings.begin_writing());
  strings.add(kind, content);
  strings.end_writing();
}

}  // namespace

TEST_SUITE("shared strings") {
  TEST_CASE("the process reads what a fork adds, in order and with its kind") {
    SharedStrings strings;
    REQUIRE(strings.available());
    CHECK(strings.size() == 0);
    in_fork([&strings] {
      if (!strings.begin_writing()) ::_exit(1);
      strings.add(0, "first");
      strings.add(1, std::string_view("with\0zero", 9));
      strings.end_writing();
    });
    REQUIRE(strings.size() == 2);
    CHECK(strings.read(0)->content == "first");
    CHECK(strings.read(0)->kind == 0);
    CHECK(strings.read(1)->content == std::string("with\0zero", 9));
    CHECK(strings.read(1)->kind == 1);
    CHECK_FALSE(strings.read(2).has_value());
  }

  TEST_CASE("a string is kept once for each kind, and an empty one is ignored") {
    SharedStrings strings;
    write(strings, 0, "same");
    write(strings, 0, "same");
    write(strings, 1, "same");
    write(strings, 0, "");
    CHECK(strings.size() == 2);
  }

  TEST_CASE("only one fork writes at a time") {
    SharedStrings strings;
    REQUIRE(strings.begin_writing());
    in_fork([&strings] { ::_exit(strings.begin_writing() ? 1 : 0); });
    strings.end_writing();
    in_fork([&strings] {
      if (!strings.begin_writing()) ::_exit(1);
      strings.end_writing();
    });
  }

  TEST_CASE("the strings of a writer that died stay, and another fork can write") {
    SharedStrings strings;
    in_fork([&strings] {
      if (!strings.begin_writing()) ::_exit(1);
      strings.add(0, "finished");
    });
    REQUIRE_FALSE(strings.begin_writing());
    strings.release_dead_writer();
    write(strings, 0, "by another");
    REQUIRE(strings.size() == 2);
    CHECK(strings.read(0)->content == "finished");
    CHECK(strings.read(1)->content == "by another");
  }

  TEST_CASE("a living writer keeps the right to write") {
    SharedStrings strings;
    REQUIRE(strings.begin_writing());
    strings.release_dead_writer();
    CHECK_FALSE(strings.begin_writing());
  }

  TEST_CASE("a string that does not fit is ignored, and the others stay") {
    SharedStrings strings;
    write(strings, 0, "small");
    write(strings, 0, std::string(SharedStrings::kMostBytes, 'x'));
    CHECK(strings.size() == 1);
    write(strings, 0, std::string(SharedStrings::kMostBytes - 5, 'y'));
    CHECK(strings.size() == 2);
    write(strings, 0, "z");
    CHECK(strings.size() == 2);
    CHECK(strings.read(0)->content == "small");
  }

  TEST_CASE("the number of strings is bounded") {
    SharedStrings strings;
    REQUIRE(strings.begin_writing());
    for (std::size_t i = 0; i < SharedStrings::kMostStrings + 10; ++i)
      strings.add(0, std::to_string(i));
    strings.end_writing();
    CHECK(strings.size() == SharedStrings::kMostStrings);
    CHECK(strings.read(SharedStrings::kMostStrings - 1)->content ==
          std::to_string(SharedStrings::kMostStrings - 1));
  }

  TEST_CASE("all processes see a verdict and the end of learning") {
    SharedStrings strings;
    write(strings, 0, "tried");
    CHECK(strings.verdict(0) == Verdict::kOpen);
    in_fork([&strings] {
      strings.set_verdict(0, Verdict::kTrying);
      strings.close();
    });
    CHECK(strings.verdict(0) == Verdict::kTrying);
    CHECK(strings.closed());
  }
}
