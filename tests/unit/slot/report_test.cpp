// SPDX-License-Identifier: MIT
#include "runtime/slot/report.h"

#include <chrono>
#include <string>
#include <variant>

#include <doctest/doctest.h>

namespace phork::slot {
namespace {

using namespace std::chrono_literals;

std::string line_with_failure(const event::Failure& failure) {
  base::LogRecord record;
  record.level = base::LogLevel::kError;
  record.request_id = "id-1";
  record.tenant_id = "tenant";
  record.text = "event failed";
  record.failure = &failure;
  return encode(record);
}

}  // namespace

TEST_SUITE("slot: reports") {
  TEST_CASE("a line keeps its level, ids, text and failure") {
    const event::Failure failure{"DomainException", "on purpose", {"#0 a", "#1 b"}};
    const auto report = decode_report(line_with_failure(failure));
    REQUIRE(report.ok());
    const auto& line = std::get<LogReport>(report.value());
    CHECK(line.level == base::LogLevel::kError);
    CHECK(line.request_id == "id-1");
    CHECK(line.tenant_id == "tenant");
    CHECK(line.text == "event failed");
    REQUIRE(line.failure.has_value());
    CHECK(line.failure->type == "DomainException");
    CHECK(line.failure->message == "on purpose");
    CHECK(line.failure->stack_trace == failure.stack_trace);
  }

  TEST_CASE("a line without a failure has none") {
    base::LogRecord record;
    record.text = "short";
    const auto report = decode_report(encode(record));
    REQUIRE(report.ok());
    CHECK_FALSE(std::get<LogReport>(report.value()).failure.has_value());
  }

  TEST_CASE("costs keep their figures") {
    const auto report =
        decode_report(encode(CostReport{"id-2", 12us, 5, 6, 7, 8, "Root=1", 9, 10, true}));
    REQUIRE(report.ok());
    const auto& cost = std::get<CostReport>(report.value());
    CHECK(cost.request_id == "id-2");
    CHECK(cost.latency == 12us);
    CHECK(cost.minor_faults == 5);
    CHECK(cost.php_us == 6);
    CHECK(cost.generation == 7);
    CHECK(cost.ready_us == 8);
    CHECK(cost.trace == "Root=1");
    CHECK(cost.asked_us == 9);
    CHECK(cost.taken_us == 10);
    CHECK(cost.failed);
  }

  TEST_CASE("a failed boot keeps its failure") {
    const event::Failure failure{"Runtime.PhpFatal", "syntax error", {"#0 {main}"}};
    const auto report = decode_report(encode(BootReport{failure}));
    REQUIRE(report.ok());
    CHECK(std::get<BootReport>(report.value()).failure.type == failure.type);
    CHECK(std::get<BootReport>(report.value()).failure.message == failure.message);
    CHECK(std::get<BootReport>(report.value()).failure.stack_trace == failure.stack_trace);
  }

  TEST_CASE("no report is longer than a datagram may be, whatever the failure holds") {
    const std::string huge(1 << 20, 'x');
    const std::string bytes = line_with_failure({huge, huge, {huge, huge}});
    CHECK(bytes.size() <= kMostReportBytes);
    CHECK(decode_report(bytes).ok());
  }

  TEST_CASE("bytes that are no report are refused, at every length") {
    const event::Failure failure{"T", "m", {"#0"}};
    for (const std::string& whole :
         {line_with_failure(failure), encode(CostReport{"id", 1us, 3, 4, 5, 6}),
          encode(TurnReport{}), encode(ReadyReport{}), encode(StreamReport{}),
          encode(BootReport{failure})}) {
      for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(decode_report(whole.substr(0, size)).ok());
      }
      CHECK_FALSE(decode_report(whole + "x").ok());
    }
    CHECK_FALSE(decode_report("garbage that is no report").ok());
    std::string level = line_with_failure(failure);
    level[1] = '\x7f';
    CHECK_FALSE(decode_report(level).ok());
  }
}

}  // namespace phork::slot
