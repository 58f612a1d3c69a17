// SPDX-License-Identifier: MIT
//
// The JSON format: the keys of a record, and the treatment of PHP's own objects.
#include <doctest/doctest.h>

#include "runtime/event/invocation.h"
#include "tests/unit/logging/log_harness.h"

namespace phork::logging {
namespace {

using base::LogFormat;
using base::LogLevel;
using testing::LogHarness;
using testing::Source;

const std::string kTime = R"("timestamp":"2025-01-31T12:34:56.789Z")";

// The JSON record of a line from PHP, without the line end.
std::string json_of(std::string_view line, LogLevel level = LogLevel::kInfo) {
  LogHarness log(LogFormat::kJson, level);
  std::string text = log.line_of(line);
  if (!text.empty()) text.pop_back();
  return text;
}

std::string record(const std::string& level, const std::string& rest) {
  return "{" + kTime + ",\"level\":\"" + level + "\",\"requestId\":\"r-1\"" + rest + "}";
}

}  // namespace

TEST_SUITE("log JSON") {
  TEST_CASE("a record has time, level, request id and message, one line for each level") {
    LogHarness log(LogFormat::kJson, LogLevel::kTrace);
    for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
      log.log_runtime(static_cast<LogLevel>(level), "did", "r-1");
    }
    std::string expected;
    for (const char* level : {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}) {
      expected += record(level, R"(,"message":"did")") + "\n";
    }
    CHECK(log.error.take() == expected);
  }

  TEST_CASE("a record outside an event has no request id; one with a tenant has its id") {
    LogHarness log(LogFormat::kJson);
    log.log_runtime(LogLevel::kWarn, "odd");
    CHECK(log.error.take() == "{" + kTime + R"(,"level":"WARN","message":"odd"})" + "\n");
    base::LogRecord tagged;
    tagged.source = Source::kPhpOutput;
    tagged.request_id = "r-1";
    tagged.tenant_id = "blue";
    tagged.text = "x";
    log.writer.write(tagged);
    CHECK(log.output.take() == record("INFO", R"(,"tenantId":"blue","message":"x")") + "\n");
  }

  TEST_CASE("CR in a message becomes the newline that it stands for") {
    CHECK(json_of("PHP Warning:  a\rb\nc\r") ==
          record("WARN", R"(,"message":"PHP Warning:  a\nb\nc")"));
  }

  TEST_CASE("bytes that are not UTF-8 are replaced, special characters are escaped") {
    CHECK(json_of("a\xB1\"\\\t\x01") ==
          record("INFO", ",\"message\":\"a\xEF\xBF\xBD\\\"\\\\\\t\\u0001\""));
  }

  TEST_CASE("the level drops records of PHP and of the runtime, but no metrics") {
    LogHarness log(LogFormat::kJson, LogLevel::kWarn);
    log.log(Source::kPhpError, "PHP Notice:  x");
    log.log(Source::kPhpOutput, "echoed");
    log.log(Source::kPhpOutput, R"({"message":"x","level_name":"INFO"})");
    log.log_runtime(LogLevel::kInfo, "x");
    CHECK(log.output.take().empty());
    CHECK(log.error.take().empty());
    log.log(Source::kPhpOutput, "app.ERROR: x");
    log.log(Source::kMetrics, "{}");
    log.log(Source::kPhpOutput, R"({"_aws":{}})");
    CHECK(log.output.take() ==
          record("ERROR", R"(,"message":"app.ERROR: x")") + "\n{}\n{\"_aws\":{}}\n");
  }

  TEST_CASE("a failure's type, message and stack trace are keys") {
    LogHarness log(LogFormat::kJson);
    const event::Failure failure{"App\\Broken", "why", {"#0 {main}"}};
    base::LogRecord failed;
    failed.level = LogLevel::kError;
    failed.request_id = "r-1";
    failed.text = "event failed";
    failed.failure = &failure;
    log.writer.write(failed);
    CHECK(log.error.take() == record("ERROR",
                                     R"(,"message":"event failed","errorType":"App\\Broken",)"
                                     R"("errorMessage":"why","stackTrace":["#0 {main}"])") +
                                  "\n");
  }

  TEST_CASE("an object from PHP keeps its keys and gets the missing ones") {
    CHECK(json_of(R"({"message":"x","context":{"n":1.50}})") ==
          record("INFO", R"(,"message":"x","context":{"n":1.50})"));
    // Monolog's numbers, with the names beside them.
    CHECK(json_of(R"({"message":"x","level":400,"level_name":"ERROR"})") ==
          "{" + kTime + R"(,"requestId":"r-1","message":"x","level":400,"level_name":"ERROR"})");
    CHECK(json_of(R"({"message":"x","level_name":"WARNING"})") ==
          record("WARN", R"(,"message":"x","level_name":"WARNING")"));
    CHECK(json_of(R"( {"timestamp":1,"level":"error","requestId":"own","tenantId":""} )") ==
          R"({"timestamp":1,"level":"error","requestId":"own","tenantId":""})");
  }

  TEST_CASE("an empty object is a record without a message") {
    CHECK(json_of("{}") == record("INFO", ""));
    CHECK(json_of("{ \r }") == record("INFO", ""));
  }

  TEST_CASE("an object of many lines becomes one line") {
    CHECK(json_of("{\r  \"message\": \"x\"\r}") == record("INFO", ",   \"message\": \"x\" "));
  }

  TEST_CASE("an object's level is filtered by its name, its word or its number") {
    const auto kept = [](const char* line) { return !json_of(line, LogLevel::kWarn).empty(); };
    CHECK(kept(R"({"level":300})"));
    CHECK(kept(R"({"level":550})"));
    CHECK(kept(R"({"level":"Critical"})"));
    CHECK(kept(R"({"level_name":"ALERT"})"));
    CHECK_FALSE(kept(R"({"level":250})"));
    CHECK_FALSE(kept(R"({"level":100})"));
    CHECK_FALSE(kept(R"({"level":"info"})"));
    CHECK_FALSE(kept(R"({"level":null})"));
    CHECK_FALSE(kept(R"({"nested":{"level":"error"}})"));
  }

  TEST_CASE("a line that only looks like an object is a message") {
    for (const char* line : {"{", "}", "{]", "{}{}", "[1]", "{x}", "\"a\"", "{\"a\":\"\xFF\"}"}) {
      CAPTURE(line);
      CHECK(json_of(line).find(R"("requestId":"r-1","message":")") != std::string::npos);
    }
  }
}

}  // namespace phork::logging
