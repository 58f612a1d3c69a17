// SPDX-License-Identifier: MIT
#include <regex>

#include <doctest/doctest.h>

#include "emulator/observe/log_lines.h"
#include "tests/support/json.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::testing::Json;

namespace {

FunctionConfig shop() {
  FunctionConfig config;
  config.name = "shop";
  config.memory_mb = 256;
  config.environment = {"AWS_LAMBDA_LOG_FORMAT=JSON"};
  return config;
}

struct JsonFixture {
  FunctionConfig config = shop();
  std::unique_ptr<const LogLines> lines = make_log_lines(config);
};

EventRecord record(Microseconds duration, std::string error_type = {}) {
  EventRecord made;
  made.request_id = "id";
  made.billed = duration;
  made.error_type = std::move(error_type);
  return made;
}

// The line without its time, whose form is checked.
std::string timeless(const std::string& line) {
  static const std::regex time(R"(^\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",)");
  REQUIRE_MESSAGE(std::regex_search(line, time), line);
  return std::regex_replace(line, time, "{");
}

}  // namespace

TEST_CASE_FIXTURE(JsonFixture, "an init and an event start as on Lambda") {
  CHECK(timeless(lines->init_start()) ==
        R"({"type":"platform.initStart","record":{"initializationType":"on-demand",)"
        R"("phase":"init","runtimeVersion":"phork )" PHORK_VERSION
        R"(","functionName":"shop","functionVersion":"$LATEST","instanceMaxMemory":268435456}})");
  CHECK(timeless(lines->start("id")) ==
        R"({"type":"platform.start","record":{"requestId":"id",)"
        R"("functionArn":"arn:aws:lambda:us-east-1:123456789012:function:shop",)"
        R"("version":"$LATEST"}})");
}

TEST_CASE_FIXTURE(JsonFixture,
                  "a report has the figures of REPORT, with those of an init that belongs to it") {
  CHECK(timeless(lines->report(record(1'233'960us), {256, 125'000, {463'512us}})) ==
        R"({"type":"platform.report","record":{"requestId":"id","metrics":{)"
        R"("durationMs":1233.960,"billedDurationMs":1698,"memorySizeMB":256,)"
        R"("maxMemoryUsedMB":123,"initDurationMs":463.512},"status":"success"}})");
  CHECK_FALSE(Json(lines->report(record(1us), {256, 1})).has("record.metrics.initDurationMs"));
}

TEST_CASE_FIXTURE(JsonFixture, "a successful event ends with its report alone") {
  CHECK(lines->end(record(1us)).empty());
}

TEST_CASE_FIXTURE(JsonFixture, "a timeout is a status, without an error type and without a fault") {
  const EventRecord late = record(3s, "Sandbox.Timedout");
  const auto end = lines->end(late);
  REQUIRE(end.size() == 1);
  CHECK(timeless(end[0]) ==
        R"({"type":"platform.runtimeDone","record":{"requestId":"id","status":"timeout",)"
        R"("metrics":{"durationMs":3000.000}}})");
  const Json report(lines->report(late, {256, 1}));
  CHECK(report.text("record.status") == "timeout");
  CHECK_FALSE(report.has("record.errorType"));
}

TEST_CASE_FIXTURE(
    JsonFixture, "an error found by the platform is a fault, with the message of the text format") {
  EventRecord exited = record(2'500us, "Runtime.ExitError");
  exited.failure = "Runtime exited with error: exit status 3";
  const auto end = lines->end(exited);
  REQUIRE(end.size() == 2);
  CHECK(timeless(end[0]) == R"({"type":"platform.fault","record":"RequestId: id Error: )"
                            R"(Runtime exited with error: exit status 3\nRuntime.ExitError"})");
  CHECK(timeless(end[1]) ==
        R"({"type":"platform.runtimeDone","record":{"requestId":"id","status":"error",)"
        R"("errorType":"Runtime.ExitError","metrics":{"durationMs":2.500}}})");
  CHECK(Json(lines->report(exited, {256, 1})).text("record.errorType") == "Runtime.ExitError");
}

TEST_CASE_FIXTURE(JsonFixture, "a failure that the runtime has reported is not a fault") {
  const auto end = lines->end(record(1us, "Function.DomainException"));
  REQUIRE(end.size() == 1);
  CHECK(Json(end[0]).text("type") == "platform.runtimeDone");
}

TEST_CASE_FIXTURE(JsonFixture, "a failed init is reported with its phase") {
  CHECK(timeless(lines->init_report(InitPhase::kInit, 10'000'487us, "Sandbox.Timedout")) ==
        R"({"type":"platform.initReport","record":{"initializationType":"on-demand",)"
        R"("phase":"init","status":"timeout","metrics":{"durationMs":10000.487}}})");
  CHECK(timeless(lines->init_report(InitPhase::kInvoke, 12'340us, "Runtime.ExitError")) ==
        R"({"type":"platform.initReport","record":{"initializationType":"on-demand",)"
        R"("phase":"invoke","status":"error","errorType":"Runtime.ExitError",)"
        R"("metrics":{"durationMs":12.340}}})");
}

TEST_CASE_FIXTURE(JsonFixture, "a sampled event has its trace, any other has none") {
  EventRecord traced = record(1us, "E");
  traced.trace_id = "Root=1-a-b;Parent=c;Sampled=1";
  for (const std::string& line : {lines->report(traced, {256, 1}), lines->end(traced).at(0)}) {
    CHECK(Json(line).raw("record.tracing") ==
          R"({"type":"X-Amzn-Trace-Id","value":"Root=1-a-b;Parent=c;Sampled=1"})");
  }
  traced.trace_id = "Root=1-a-b;Parent=c;Sampled=0";
  for (const std::string& line : {lines->report(traced, {256, 1}), lines->end(traced).at(0)}) {
    CHECK_FALSE(Json(line).has("record.tracing"));
  }
}

TEST_CASE_FIXTURE(JsonFixture, "a message is one line whatever its text") {
  const std::string line = lines->error("id", "a \"b\"\nc \xff");
  CHECK(line.find('\n') == std::string::npos);
  CHECK(Json(line).text("record") == "RequestId: id Error: a \"b\"\nc \xef\xbf\xbd");
}
