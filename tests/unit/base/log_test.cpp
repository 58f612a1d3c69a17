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

// Keeps the records that it gets.
class KeptRecords final : public LogSink {
 public:
  void write(const LogRecord& record) override {
    sources.push_back(record.source);
    texts.emplace_back(record.text);
    request_ids.emplace_back(record.request_id);
  }

  std::vector<LogRecord::Source> sources;
  std::vector<std::string> texts;
  std::vector<std::string> request_ids;
};

LogRecord record_of(LogRecord::Source source, std::string_view text) {
  LogRecord record;
  record.source = source;
  record.text = text;
  return record;
}

void log_at_every_level() {
  for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
    log(static_cast<LogLevel>(level), "x");
  }
}

}  // namespace

TEST_SUITE("log") {
  TEST_CASE("a line names its level") {
    CHECK(captured(STDERR_FILENO, [] { log_info("room: did"); }) == "phork info: room: did\n");
    CHECK(captured(STDERR_FILENO, [] { log_warn("room: odd"); }) == "phork warn: room: odd\n");
    CHECK(captured(STDERR_FILENO, [] { log_error("room: bad"); }) == "phork error: room: bad\n");
    CHECK(captured(STDERR_FILENO, [] { log(LogLevel::kFatal, ""); }) == "phork fatal: \n");
  }

  TEST_CASE("without a sink, lines of level info and above are written") {
    CHECK(captured(STDERR_FILENO, log_at_every_level) ==
          "phork info: x\nphork warn: x\nphork error: x\nphork fatal: x\n");
  }

  TEST_CASE("without a sink, a record is one line, whatever its text") {
    CHECK(captured(STDERR_FILENO, [] { log_info("one\ntwo\r\nthree\n"); }) ==
          "phork info: one\rtwo\r\rthree\n");
    CHECK(captured(STDERR_FILENO, [] { log_info("\n\r\n"); }) == "phork info: \n");
  }

  TEST_CASE("without a sink, lines of PHP and metrics are written unchanged, each to its stream") {
    using Source = LogRecord::Source;
    std::string errors;
    const std::string output = captured(STDOUT_FILENO, [&errors] {
      errors = captured(STDERR_FILENO, [] {
        log(record_of(Source::kPhpOutput, "echoed"));
        log(record_of(Source::kPhpError, "Warning: odd"));
        log(record_of(Source::kMetrics, "{}"));
      });
    });
    CHECK(output == "echoed\n{}\n");
    CHECK(errors == "Warning: odd\n");
  }

  TEST_CASE("an installed sink gets every record, and nothing is written elsewhere") {
    KeptRecords kept;
    const std::string beside = captured(STDERR_FILENO, [&kept] {
      const InstalledLogSink installed(kept);
      log(LogLevel::kTrace, "quiet");
      LogRecord record = record_of(LogRecord::Source::kPhpError, "two\nlines");
      record.request_id = "r-1";
      log(record);
    });
    CHECK(beside.empty());
    CHECK(kept.texts == std::vector<std::string>{"quiet", "two\nlines"});
    CHECK(kept.request_ids == std::vector<std::string>{"", "r-1"});
    CHECK(kept.sources.front() == LogRecord::Source::kRuntime);
    CHECK(kept.sources.back() == LogRecord::Source::kPhpError);
    CHECK(captured(STDERR_FILENO, [] { log_info("after"); }) == "phork info: after\n");
    CHECK(kept.texts.size() == 2);
  }

  TEST_CASE("line ends at the end of a text are removed, those inside are kept") {
    CHECK(without_line_end("a\nb\r\n") == "a\nb");
    CHECK(without_line_end("a") == "a");
    CHECK(without_line_end("\n\n").empty());
    CHECK(without_line_end("").empty());
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
