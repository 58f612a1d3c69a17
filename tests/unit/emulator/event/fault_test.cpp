// SPDX-License-Identifier: MIT
#include "emulator/event/fault.h"

#include <array>
#include <sys/mman.h>

#include <doctest/doctest.h>

#include "emulator/runtime_api/fault_injector.h"
#include "runtime/base/fd.h"

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

Fault parsed(std::string_view spec) {
  const auto fault = parse_fault(spec);
  REQUIRE_MESSAGE(fault.ok(), fault.error().text);
  return fault.value();
}

std::string complaint(std::string_view spec) {
  const auto fault = parse_fault(spec);
  REQUIRE_FALSE(fault.ok());
  CHECK(fault.error().kind == phork::base::ErrorKind::kInvalid);
  return fault.error().text;
}

struct PlanFixture {
  phork::base::Fd file{::memfd_create("log", MFD_CLOEXEC)};
  LogSink log{file.get()};

  static std::vector<Fault> faults(std::initializer_list<std::string_view> specs) {
    std::vector<Fault> all;
    for (const std::string_view spec : specs) all.push_back(parsed(spec));
    return all;
  }

  std::string logged() {
    log.flush();
    std::array<char, 4096> text{};
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    REQUIRE(size >= 0);
    return {text.data(), static_cast<std::size_t>(size)};
  }
};

}  // namespace

TEST_CASE("a fault is a point and an action, due the first time by default") {
  const Fault fault = parsed("next:500");
  CHECK(fault.spec == "next:500");
  CHECK(fault.point == FaultPoint::kNext);
  CHECK(fault.action == FaultAction::kStatus);
  CHECK(fault.status == 500);
  CHECK(fault.first == 1);
  CHECK_FALSE(fault.and_later);
  CHECK(fault.percent == 0);
}

TEST_CASE("a fault is due the Nth time, from the Nth time on, or at random") {
  CHECK(parsed("response:413@7").first == 7);
  CHECK_FALSE(parsed("response:413@7").and_later);
  CHECK(parsed("error:drop@2+").first == 2);
  CHECK(parsed("error:drop@2+").and_later);
  CHECK(parsed("response:reset@5%").percent == 5);
}

TEST_CASE("durations are milliseconds or seconds, and some actions have a default") {
  CHECK(parsed("next:delay=200ms").duration == 200ms);
  CHECK(parsed("next:delay=2s@3").duration == 2s);
  CHECK(parsed("event:freeze=60s").duration == 60s);
  CHECK(parsed("event:freeze").duration == 1s);
  CHECK(parsed("event:timeout").duration == 0ms);
  CHECK(parsed("event:timeout=1500ms").duration == 1500ms);
  CHECK(parsed("init:slow").duration == 11s);
  CHECK(parsed("init:slow").action == FaultAction::kDelay);
}

TEST_CASE("every point has its own actions") {
  for (const char* spec :
       {"init:kill",     "init:slow=1s",   "next:403",       "next:500",          "next:drop",
        "next:reset",    "next:delay=1ms", "next:freeze",    "event:kill",        "event:freeze",
        "event:timeout", "response:400",   "response:403",   "response:410",      "response:413",
        "response:500",  "response:drop",  "response:reset", "response:delay=1s", "error:400",
        "error:500",     "init-error:403", "init-error:500", "init-error:drop"}) {
    CAPTURE(spec);
    CHECK(parse_fault(spec).ok());
  }
  for (const char* spec :
       {"next:413", "event:500", "init:drop", "response:kill", "init-error:410"}) {
    CAPTURE(spec);
    CHECK_FALSE(parse_fault(spec).ok());
  }
}

TEST_CASE("the error of a bad specification names the position and the alternatives") {
  CHECK(complaint("nxt:500") ==
        "fault: read 'nxt:500': expected one of init, next, event, response, error, init-error at "
        "position 1, not 'nxt'");
  CHECK(complaint("next") ==
        "fault: read 'next': expected ':' and one of 403, 500, drop, reset, delay=DURATION, "
        "freeze[=DURATION] at position 5, not ''");
  CHECK(complaint("event:drop@2") ==
        "fault: read 'event:drop@2': expected one of freeze[=DURATION], kill[=DURATION], "
        "timeout[=DURATION] "
        "at position 7, not 'drop'");
  CHECK(complaint("next:delay@2") ==
        "fault: read 'next:delay@2': expected =DURATION, as in =200ms or =2s at position 11, not "
        "''");
  CHECK(complaint("next:delay=2m") ==
        "fault: read 'next:delay=2m': expected a duration up to 3600s, as 200ms or 2s at position "
        "12, not '2m'");
  CHECK(complaint("next:500=2s") ==
        "fault: read 'next:500=2s': expected @N, @N+, @P% or the end at position 9, not '=2s'");
  CHECK(complaint("next:500@x") ==
        "fault: read 'next:500@x': expected N, N+ or P%, from 1 at position 10, not 'x'");
  CHECK(complaint("next:500@101%") ==
        "fault: read 'next:500@101%': expected at most 100% at position 10, not '101%'");
}

TEST_CASE("malformed, zero and huge numbers are refused") {
  for (const char* spec :
       {"", ":", "next:", "next:500@", "next:500@0", "next:500@-1", "next:500@+", "next:500@1 ",
        "next:500@99999999999999999999", "next:delay=", "next:delay=s", "next:delay=-1s",
        "next:delay=4000s", "next:500@0%", "NEXT:500", "next:500@1+%"}) {
    CAPTURE(spec);
    CHECK_FALSE(parse_fault(spec).ok());
  }
}

TEST_CASE("the summary names every point and its actions") {
  const std::string summary = fault_summary();
  CHECK(summary.starts_with("init: slow[=DURATION], kill[=DURATION]; next: 403, 500, drop"));
  CHECK(summary.find("init-error: 403, 500") != std::string::npos);
}

TEST_CASE_FIXTURE(PlanFixture, "a fault is due at its time, once, and the log says so") {
  FaultPlan plan(faults({"next:500@2"}), log);
  CHECK(plan.take(FaultPoint::kNext).empty());
  CHECK(plan.take(FaultPoint::kResponse).empty());
  const std::vector<Fault> due = plan.take(FaultPoint::kNext);
  REQUIRE(due.size() == 1);
  CHECK(due[0].status == 500);
  CHECK(plan.take(FaultPoint::kNext).empty());
  CHECK(logged() == "fault: next:500@2 injected at next 2\n");
}

TEST_CASE_FIXTURE(PlanFixture, "a fault from the Nth time on stays due") {
  FaultPlan plan(faults({"event:kill@2+"}), log);
  CHECK(plan.take(FaultPoint::kEvent).empty());
  for (int event = 0; event < 3; ++event) CHECK(plan.take(FaultPoint::kEvent).size() == 1);
}

TEST_CASE_FIXTURE(PlanFixture, "faults that are due together come in the requested order") {
  FaultPlan plan(faults({"next:delay=1ms", "next:500"}), log);
  const std::vector<Fault> due = plan.take(FaultPoint::kNext);
  REQUIRE(due.size() == 2);
  CHECK(due[0].action == FaultAction::kDelay);
  CHECK(due[1].action == FaultAction::kStatus);
}

TEST_CASE_FIXTURE(PlanFixture, "a percentage selects the same occurrences in each run") {
  const auto hits = [this] {
    FaultPlan plan(faults({"response:500@5%"}), log);
    std::vector<int> all;
    for (int call = 0; call < 2000; ++call) {
      if (!plan.take(FaultPoint::kResponse).empty()) all.push_back(call);
    }
    return all;
  };
  const std::vector<int> first = hits();
  CHECK(first.size() > 60);
  CHECK(first.size() < 140);
  CHECK(first == hits());
}

TEST_CASE_FIXTURE(PlanFixture, "a plan without faults has none due") {
  const FaultPlan plan({}, log);
  CHECK_FALSE(plan.has(FaultPoint::kNext));
  CHECK_FALSE(plan.has(FaultPoint::kResponse, FaultAction::kReset));
}
