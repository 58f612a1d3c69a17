// SPDX-License-Identifier: MIT
#include "runtime/base/log.h"

#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/captured.h"

namespace phork::base {
namespace {

using testing::captured;

// Sets the threshold for one case.
class Threshold {
 public:
  explicit Threshold(LogLevel level) { set_log_threshold(level); }

  Threshold(const Threshold&) = delete;
  Threshold& operator=(const Threshold&) = delete;

  ~Threshold() { set_log_threshold(LogLevel::kInfo); }
};

void log_at_every_level() {
  for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
    log(static_cast<LogLevel>(level), "x");
  }
}

}  // namespace

TEST_SUITE("log") {
  TEST_CASE("a line names its level, whoever wrote it") {
    CHECK(captured(STDERR_FILENO, [] { log_info("room: did"); }) == "phork info: room: did\n");
    CHECK(captured(STDERR_FILENO, [] { log_warn("room: odd"); }) == "phork warn: room: odd\n");
    CHECK(captured(STDERR_FILENO, [] { log_error("room: bad"); }) == "phork error: room: bad\n");
    CHECK(captured(STDERR_FILENO, [] { log(LogLevel::kFatal, ""); }) == "phork fatal: \n");
  }

  TEST_CASE("standard output is left to the application") {
    CHECK(captured(STDOUT_FILENO, [] {
            const std::string line = captured(STDERR_FILENO, [] { log_error("x"); });
          }).empty());
  }

  TEST_CASE("at first, lines from info on are written") {
    CHECK(captured(STDERR_FILENO, log_at_every_level) ==
          "phork info: x\nphork warn: x\nphork error: x\nphork fatal: x\n");
  }

  TEST_CASE("lines below the threshold are dropped") {
    {
      const Threshold high(LogLevel::kError);
      CHECK(captured(STDERR_FILENO, log_at_every_level) == "phork error: x\nphork fatal: x\n");
    }
    const Threshold low(LogLevel::kTrace);
    CHECK(captured(STDERR_FILENO, log_at_every_level).starts_with("phork trace: x\nphork debug"));
  }

  TEST_CASE("lines of different threads do not mix") {
    constexpr int kThreads = 4;
    constexpr int kLines = 100;
    const std::string text = captured(STDERR_FILENO, [] {
      std::vector<std::jthread> threads;
      for (char name = 'a'; name < 'a' + kThreads; ++name) {
        threads.emplace_back([name] {
          for (int line = 0; line < kLines; ++line) log_info(std::string(2000, name));
        });
      }
    });
    std::istringstream lines(text);
    std::multiset<std::string> found;
    for (std::string line; std::getline(lines, line);) found.insert(line);
    CHECK(found.size() == kThreads * kLines);
    for (char name = 'a'; name < 'a' + kThreads; ++name) {
      CHECK(found.count("phork info: " + std::string(2000, name)) == kLines);
    }
  }
}

}  // namespace phork::base
