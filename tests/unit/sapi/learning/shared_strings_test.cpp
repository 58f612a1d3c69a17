// SPDX-License-Identifier: MIT
//
// The list that forks write and their zygote reads: bounds, one writer, writers that die.
#include "php-worker/sapi/learning/shared_strings.h"

#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace {

using phork::sapi::SharedTexts;
using Verdict = SharedTexts::Verdict;

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

void write(SharedTexts& texts, std::uint8_t kind, std::string_view content) {
  REQUIRE(texts.begin_writing());
  texts.add(kind, content);
  texts.end_writing();
}

}  // namespace

TEST_SUITE("shared texts") {
  TEST_CASE("what a fork adds the process reads, in order and with its kind") {
    SharedTexts texts;
    REQUIRE(texts.available());
    CHECK(texts.size() == 0);
    in_fork([&texts] {
      if (!texts.begin_writing()) ::_exit(1);
      texts.add(0, "first");
      texts.add(1, std::string_view("with\0zero", 9));
      texts.end_writing();
    });
    REQUIRE(texts.size() == 2);
    CHECK(texts.read(0)->content == "first");
    CHECK(texts.read(0)->kind == 0);
    CHECK(texts.read(1)->content == std::string("with\0zero", 9));
    CHECK(texts.read(1)->kind == 1);
    CHECK_FALSE(texts.read(2).has_value());
  }

  TEST_CASE("a text is kept once for each kind, and an empty one not at all") {
    SharedTexts texts;
    write(texts, 0, "same");
    write(texts, 0, "same");
    write(texts, 1, "same");
    write(texts, 0, "");
    CHECK(texts.size() == 2);
  }

  TEST_CASE("one writes at a time") {
    SharedTexts texts;
    REQUIRE(texts.begin_writing());
    in_fork([&texts] { ::_exit(texts.begin_writing() ? 1 : 0); });
    texts.end_writing();
    in_fork([&texts] {
      if (!texts.begin_writing()) ::_exit(1);
      texts.end_writing();
    });
  }

  TEST_CASE("a writer that dies leaves what it had finished, and the right to write") {
    SharedTexts texts;
    in_fork([&texts] {
      if (!texts.begin_writing()) ::_exit(1);
      texts.add(0, "finished");
    });
    REQUIRE_FALSE(texts.begin_writing());
    texts.release_dead_writer();
    write(texts, 0, "by another");
    REQUIRE(texts.size() == 2);
    CHECK(texts.read(0)->content == "finished");
    CHECK(texts.read(1)->content == "by another");
  }

  TEST_CASE("a writer that lives keeps its right") {
    SharedTexts texts;
    REQUIRE(texts.begin_writing());
    texts.release_dead_writer();
    CHECK_FALSE(texts.begin_writing());
  }

  TEST_CASE("what finds no room is left out, and all that was there stays") {
    SharedTexts texts;
    write(texts, 0, "small");
    write(texts, 0, std::string(SharedTexts::kMostBytes, 'x'));
    CHECK(texts.size() == 1);
    write(texts, 0, std::string(SharedTexts::kMostBytes - 5, 'y'));
    CHECK(texts.size() == 2);
    write(texts, 0, "z");
    CHECK(texts.size() == 2);
    CHECK(texts.read(0)->content == "small");
  }

  TEST_CASE("the number of texts is bounded") {
    SharedTexts texts;
    REQUIRE(texts.begin_writing());
    for (std::size_t i = 0; i < SharedTexts::kMostTexts + 10; ++i) texts.add(0, std::to_string(i));
    texts.end_writing();
    CHECK(texts.size() == SharedTexts::kMostTexts);
    CHECK(texts.read(SharedTexts::kMostTexts - 1)->content ==
          std::to_string(SharedTexts::kMostTexts - 1));
  }

  TEST_CASE("a verdict and the end of learning are seen by all") {
    SharedTexts texts;
    write(texts, 0, "tried");
    CHECK(texts.verdict(0) == Verdict::kOpen);
    in_fork([&texts] {
      texts.set_verdict(0, Verdict::kTrying);
      texts.close();
    });
    CHECK(texts.verdict(0) == Verdict::kTrying);
    CHECK(texts.closed());
  }
}
