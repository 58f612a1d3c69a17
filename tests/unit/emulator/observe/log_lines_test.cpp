// SPDX-License-Identifier: MIT
#include "emulator/observe/log_lines.h"

#include <regex>

#include <doctest/doctest.h>

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

EventRecord record(Microseconds duration, std::string error_type = {}) {
  EventRecord made;
  made.request_id = "id";
  made.billed = duration;
  made.error_type = std::move(error_type);
  return made;
}

FunctionConfig with_timeout(std::chrono::milliseconds timeout) {
  FunctionConfig config;
  config.timeout = timeout;
  return config;
}

struct TextFixture {
  FunctionConfig config = with_timeout(3s);
  std::unique_ptr<const LogLines> lines = make_log_lines(config);
};

}  // namespace

TEST_CASE_FIXTURE(
    TextFixture,
    "REPORT gives duration with two decimals and bills whole milliseconds rounded up") {
  CHECK(lines->report(record(1'234us), {1024, 30'720, {}}) ==
        "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 1024 MB\t"
        "Max Memory Used: 30 MB");
  CHECK(lines->report(record(2'000us), {128, 1, {}}) ==
        "REPORT RequestId: id\tDuration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 1 MB");
}

TEST_CASE_FIXTURE(TextFixture, "the sum of init and duration is rounded up") {
  CHECK(lines->report(record(1'233'960us), {1024, 0, {463'510us}}) ==
        "REPORT RequestId: id\tDuration: 1233.96 ms\tBilled Duration: 1698 ms\t"
        "Memory Size: 1024 MB\tMax Memory Used: 0 MB\tInit Duration: 463.51 ms");
}

TEST_CASE_FIXTURE(TextFixture, "REPORT says how an event failed") {
  CHECK(lines->report(record(3'000'000us, "Sandbox.Timedout"), {128, 0, {}})
            .ends_with("\tMax Memory Used: 0 MB\tStatus: timeout"));
  CHECK(lines->report(record(1us, "Runtime.ExitError"), {128, 0, {}})
            .ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
}

TEST_CASE_FIXTURE(TextFixture, "the other lines have Lambda's form") {
  CHECK(lines->init_start().starts_with("INIT_START Runtime Version: phork "));
  CHECK(lines->start("id") == "START RequestId: id Version: $LATEST");
  CHECK(lines->end(record(1us)) == std::vector<std::string>{"END RequestId: id"});
  CHECK(lines->error("id", "no") == "RequestId: id Error: no");
  CHECK(timed_out_message(3s) == "Task timed out after 3.00 seconds");
  CHECK(lines->init_report(InitPhase::kInit, 12'340us, "Runtime.ExitError") ==
        "INIT_REPORT Init Duration: 12.34 ms\tPhase: init\tStatus: error\t"
        "Error Type: Runtime.ExitError");
  CHECK(lines->init_report(InitPhase::kInvoke, 3s, "Sandbox.Timedout") ==
        "INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout");
}

TEST_CASE_FIXTURE(TextFixture, "an error found by the platform stands before END") {
  const std::regex timed_out(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z id Task timed out after 3\.00 seconds)");
  const auto late = lines->end(record(3s, "Sandbox.Timedout"));
  REQUIRE(late.size() == 2);
  CHECK(std::regex_match(late[0], timed_out));
  EventRecord exited = record(1us, "Runtime.ExitError");
  exited.failure = "Runtime exited with error: exit status 3";
  CHECK(lines->end(exited) ==
        std::vector<std::string>{
            "RequestId: id Error: Runtime exited with error: exit status 3\nRuntime.ExitError",
            "END RequestId: id"});
}

TEST_CASE_FIXTURE(TextFixture, "a sampled event has a line for X-Ray, any other has none") {
  EventRecord traced = record(1us);
  traced.trace_id = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
  CHECK(lines->report(traced, {128, 0, {}})
            .ends_with("\tMax Memory Used: 0 MB\nXRAY TraceId: 1-5bef4de7-ad49b0e87f6ef6c87fc2e700"
                       "\tSegmentId: 9a9197af755a6419\tSampled: true"));
  for (const char* trace : {"", "Root=1-a-b;Parent=c;Sampled=0", "Sampled", "Root=1-a-b"}) {
    CAPTURE(trace);
    traced.trace_id = trace;
    CHECK(lines->report(traced, {128, 0, {}}).find("XRAY") == std::string::npos);
  }
}

TEST_CASE("the format is JSON where AWS_LAMBDA_LOG_FORMAT says so in any case, else text") {
  FunctionConfig config;
  const auto is_json = [&config](const char* entry) {
    config.environment = {"A=1", entry};
    return make_log_lines(config)->start("id").starts_with('{');
  };
  CHECK(is_json("AWS_LAMBDA_LOG_FORMAT=JSON"));
  CHECK(is_json("AWS_LAMBDA_LOG_FORMAT=Json"));
  CHECK_FALSE(is_json("AWS_LAMBDA_LOG_FORMAT=Text"));
  CHECK_FALSE(is_json("AWS_LAMBDA_LOG_FORMAT="));
  CHECK_FALSE(is_json("MY_AWS_LAMBDA_LOG_FORMAT=JSON"));
}
