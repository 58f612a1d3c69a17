// SPDX-License-Identifier: MIT
#include "emulator/log_lines.h"

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

}  // namespace

TEST_CASE("REPORT gives duration with two decimals and bills whole milliseconds rounded up") {
  CHECK(report_line(record(1'234us), {1024, 30'720, {}}) ==
        "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 1024 MB\t"
        "Max Memory Used: 30 MB");
  CHECK(report_line(record(2'000us), {128, 1, {}}) ==
        "REPORT RequestId: id\tDuration: 2.00 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 1 MB");
}

TEST_CASE("the sum of init and duration is what is rounded up") {
  CHECK(report_line(record(1'233'960us), {1024, 0, 463'510us}) ==
        "REPORT RequestId: id\tDuration: 1233.96 ms\tBilled Duration: 1698 ms\t"
        "Memory Size: 1024 MB\tMax Memory Used: 0 MB\tInit Duration: 463.51 ms");
}

TEST_CASE("REPORT says how an event ended badly") {
  CHECK(report_line(record(3'000'000us, "Sandbox.Timedout"), {128, 0, {}})
            .ends_with("\tMax Memory Used: 0 MB\tStatus: timeout"));
  CHECK(report_line(record(1us, "Runtime.ExitError"), {128, 0, {}})
            .ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
}

TEST_CASE("the other lines read as Lambda writes them") {
  CHECK(init_start_line().starts_with("INIT_START Runtime Version: phork "));
  CHECK(start_line("id") == "START RequestId: id Version: $LATEST");
  CHECK(end_line("id") == "END RequestId: id");
  CHECK(timed_out_message(3s) == "Task timed out after 3.00 seconds");
  CHECK(init_report_line(InitPhase::kInit, 12'340us, "Runtime.ExitError") ==
        "INIT_REPORT Init Duration: 12.34 ms\tPhase: init\tStatus: error\t"
        "Error Type: Runtime.ExitError");
  CHECK(init_report_line(InitPhase::kInvoke, 3s, "Sandbox.Timedout") ==
        "INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout");
  const std::string line = timed_out_line("id", 3s);
  const std::regex timed_out(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z id Task timed out after 3\.00 seconds)");
  CHECK(std::regex_match(line, timed_out));
}

TEST_CASE("a sampled event has a line for X-Ray, any other has none") {
  EventRecord traced = record(1us);
  traced.trace_id = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
  CHECK(report_line(traced, {128, 0, {}})
            .ends_with("\tMax Memory Used: 0 MB\nXRAY TraceId: 1-5bef4de7-ad49b0e87f6ef6c87fc2e700"
                       "\tSegmentId: 9a9197af755a6419\tSampled: true"));
  for (const char* trace : {"", "Root=1-a-b;Parent=c;Sampled=0", "Sampled", "Root=1-a-b"}) {
    CAPTURE(trace);
    traced.trace_id = trace;
    CHECK(report_line(traced, {128, 0, {}}).find("XRAY") == std::string::npos);
  }
}
