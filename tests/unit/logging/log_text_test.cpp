// SPDX-License-Identifier: MIT
//
// The text format, and the stream of each record.
#include <doctest/doctest.h>

#include "runtime/event/invocation.h"
#include "tests/unit/logging/log_harness.h"

namespace phork::logging {
namespace {

using base::LogFormat;
using base::LogLevel;
using testing::LogHarness;
using testing::Source;

}  // namespace

TEST_SUITE("log text") {
  TEST_CASE("a record has time, request id, level and message, one line for each level") {
    LogHarness log(LogFormat::kText, LogLevel::kTrace);
    for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
      log.log_runtime(static_cast<LogLevel>(level), "room: did", "r-1");
    }
    CHECK(log.error.take() ==
          "2025-01-31T12:34:56.789Z\tr-1\tTRACE\troom: did\n"
          "2025-01-31T12:34:56.789Z\tr-1\tDEBUG\troom: did\n"
          "2025-01-31T12:34:56.789Z\tr-1\tINFO\troom: did\n"
          "2025-01-31T12:34:56.789Z\tr-1\tWARN\troom: did\n"
          "2025-01-31T12:34:56.789Z\tr-1\tERROR\troom: did\n"
          "2025-01-31T12:34:56.789Z\tr-1\tFATAL\troom: did\n");
  }

  TEST_CASE("outside an event a dash stands for the request id") {
    LogHarness log(LogFormat::kText);
    log.log_runtime(LogLevel::kWarn, "room: odd");
    CHECK(log.error.take() == "2025-01-31T12:34:56.789Z\t-\tWARN\troom: odd\n");
  }

  TEST_CASE("PHP's output and metrics go to standard output, the rest to standard error") {
    LogHarness log(LogFormat::kText);
    log.log(Source::kPhpOutput, "echoed");
    log.log(Source::kMetrics, R"({"phork":"event"})");
    CHECK(log.output.take() ==
          "2025-01-31T12:34:56.789Z\tr-1\tINFO\techoed\n{\"phork\":\"event\"}\n");
    CHECK(log.error.take().empty());
    log.log(Source::kPhpError, "PHP Warning:  odd");
    CHECK(log.error.take() == "2025-01-31T12:34:56.789Z\tr-1\tWARN\tPHP Warning:  odd\n");
    CHECK(log.output.take().empty());
  }

  TEST_CASE(
      "a message of several lines is one line, with CR inside and without trailing line ends") {
    LogHarness log(LogFormat::kText);
    CHECK(log.line_of("PHP Fatal error:  Uncaught E\nStack trace:\n#0 {main}\n") ==
          "2025-01-31T12:34:56.789Z\tr-1\tERROR\tPHP Fatal error:  Uncaught E\rStack trace:\r#0 "
          "{main}\n");
    CHECK(log.line_of("a\rb\r") == "2025-01-31T12:34:56.789Z\tr-1\tINFO\ta\rb\n");
    CHECK(log.line_of("") == "2025-01-31T12:34:56.789Z\tr-1\tINFO\t\n");
  }

  TEST_CASE("all bytes are passed on unchanged") {
    LogHarness log(LogFormat::kText);
    const std::string bytes("\xFF\x00\x1B[31m\t\xC3", 9);
    CHECK(log.line_of(bytes) == "2025-01-31T12:34:56.789Z\tr-1\tINFO\t" + bytes + "\n");
  }

  TEST_CASE("the level drops the runtime's records, never PHP's") {
    LogHarness log(LogFormat::kText, LogLevel::kError);
    log.log_runtime(LogLevel::kWarn, "dropped");
    CHECK(log.error.take().empty());
    log.log_runtime(LogLevel::kError, "kept");
    log.log(Source::kPhpError, "[debug] kept");
    CHECK(log.error.take() ==
          "2025-01-31T12:34:56.789Z\t-\tERROR\tkept\n"
          "2025-01-31T12:34:56.789Z\tr-1\tDEBUG\t[debug] kept\n");
  }

  TEST_CASE("a failure is followed by its stack trace") {
    LogHarness log(LogFormat::kText);
    const event::Failure failure{"LogicException", "why", {"#0 /a.php(1): f()", "#1 {main}"}};
    base::LogRecord record;
    record.level = LogLevel::kError;
    record.text = "room: event failed: LogicException: why";
    record.failure = &failure;
    log.writer.write(record);
    CHECK(log.error.take() ==
          "2025-01-31T12:34:56.789Z\t-\tERROR\troom: event failed: LogicException: why"
          "\r#0 /a.php(1): f()\r#1 {main}\n");
  }

  TEST_CASE("a JSON object keeps its form, and its level is recognized") {
    LogHarness log(LogFormat::kText);
    CHECK(log.line_of(R"({"message":"x","level":400})") ==
          "2025-01-31T12:34:56.789Z\tr-1\tERROR\t{\"message\":\"x\",\"level\":400}\n");
  }

  TEST_CASE("embedded metrics of PHP are alone on their line, as CloudWatch requires") {
    LogHarness log(LogFormat::kText);
    const std::string metrics = R"({"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"orders":3})";
    log.log(Source::kPhpError, metrics);
    CHECK(log.output.take() == metrics + "\n");
    CHECK(log.error.take().empty());
  }
}

}  // namespace phork::logging
