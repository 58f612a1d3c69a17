// SPDX-License-Identifier: MIT
#include "runtime/base/start_clock.h"

#include <regex>
#include <string>

#include <doctest/doctest.h>

#include "runtime/base/log.h"

using namespace phork::base;

namespace {

class LastLine final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    level = record.level;
    text = record.text;
  }

  LogLevel level = LogLevel::kInfo;
  std::string text;
};

}  // namespace

TEST_CASE("a start is one line at level debug, with its beginning and its parts in order") {
  const auto before = StartClock::Clock::now();
  StartClock clock("php-worker");
  CHECK(clock.began() >= before);
  clock.end_part("PHP");
  clock.end_part("seal");
  LastLine line;
  {
    const InstalledLogSink installed(line);
    clock.log();
  }
  CHECK(line.level == LogLevel::kDebug);
  std::smatch parts;
  REQUIRE(std::regex_match(
      line.text, parts, std::regex("php-worker: start: at (\\d+) us, PHP \\d+ us, seal \\d+ us")));
  const auto began =
      std::chrono::duration_cast<std::chrono::microseconds>(clock.began().time_since_epoch());
  CHECK(parts[1] == std::to_string(began.count()));
}
