// SPDX-License-Identifier: MIT
#include "audit/report.h"

#include <doctest/doctest.h>

#include "tests/unit/audit/reports.h"

using namespace phork::audit;
using namespace phork::audit::testing;

namespace {

StrategyReport leaky(const StrategyName& strategy) {
  return strategy_with(strategy, {kind_with("a", Verdict::kClean), kind_with("b", Verdict::kLeak)});
}

StrategyReport clean(const StrategyName& strategy) {
  return strategy_with(strategy, {kind_with("a", Verdict::kClean)});
}

}  // namespace

TEST_CASE("a tally counts each verdict") {
  const ProbeReport probe{{},
                          {kind_with("a", Verdict::kClean), kind_with("b", Verdict::kClean),
                           kind_with("c", Verdict::kLeak), kind_with("d", Verdict::kShared),
                           kind_with("e", Verdict::kUnavailable), kind_with("f", Verdict::kFailed),
                           kind_with("g", Verdict::kUntested), kind_with("h", Verdict::kKept)}};
  const Tally counts = tally(probe);
  CHECK(counts.clean == 2);
  CHECK(counts.leaked == 1);
  CHECK(counts.shared == 1);
  CHECK(counts.unavailable == 1);
  CHECK(counts.failed == 1);
  CHECK(counts.untested == 1);
  CHECK(counts.kept == 1);
  CHECK(counts.tested() == 4);
}

TEST_CASE("leaks under a strategy that promises nothing do not count unless it was named") {
  AuditReport report{"/app", {leaky(kInprocess), clean(kFork)}};
  CHECK(outcome(report) == Outcome::kNoLeak);
  report.strategies[0].named = true;
  CHECK(outcome(report) == Outcome::kLeak);
}

TEST_CASE("a leak under a strategy that isolates counts, named or not") {
  CHECK(outcome({"/app", {clean(kInprocess), leaky(kFork)}}) == Outcome::kLeak);
}

TEST_CASE("what a strategy is known to keep is no leak, and no open question") {
  const StrategyReport kept = strategy_with(kFpm, {kind_with("nice", Verdict::kKept)});
  CHECK(outcome({"/app", {kept}}) == Outcome::kNoLeak);
}

TEST_CASE("what the application left behind counts as a leak of the probe does") {
  AuditReport report{"/app", {clean(kFork)}};
  report.strategies[0].application = read_application("{\"a\":1}\n{\"a\":2}\n", 2);
  CHECK(outcome(report) == Outcome::kLeak);
  report.strategies[0].application = read_application("{\"a\":1}\n{\"a\":1}\n", 2);
  CHECK(outcome(report) == Outcome::kNoLeak);
}

TEST_CASE("an audit with open questions found no leak but is not complete") {
  AuditReport failed{"/app", {clean(kFork)}};
  failed.strategies[0].probe.kinds.push_back(kind_with("b", Verdict::kFailed));
  CHECK(outcome(failed) == Outcome::kIncomplete);
  AuditReport without_boot{"/app", {StrategyReport{kFork}}};
  without_boot.strategies[0].failure = "boot failed";
  CHECK(outcome(without_boot) == Outcome::kIncomplete);
  AuditReport without_application{"/app", {clean(kFork)}};
  without_application.strategies[0].application.emplace().started = false;
  CHECK(outcome(without_application) == Outcome::kIncomplete);
  const AuditReport nothing{"/app", {strategy_with(kFork, {kind_with("a", Verdict::kUntested)})}};
  CHECK(outcome(nothing) == Outcome::kIncomplete);
}

TEST_CASE("an application without a record is not examined, which is no open question") {
  AuditReport report{"/app", {clean(kFork)}};
  report.strategies[0].application = read_application("", 3);
  CHECK(outcome(report) == Outcome::kNoLeak);
}

TEST_CASE("a leak weighs more than an open question, whichever comes first") {
  StrategyReport failed = strategy_with(kFork, {kind_with("a", Verdict::kFailed)});
  CHECK(outcome({"/app", {failed, leaky(kFork)}}) == Outcome::kLeak);
  CHECK(outcome({"/app", {leaky(kFork), failed}}) == Outcome::kLeak);
}

TEST_CASE("open questions under a strategy that does not count are left open") {
  AuditReport report{"/app", {StrategyReport{kInprocess}, clean(kFork)}};
  report.strategies[0].failure = "boot failed";
  CHECK(outcome(report) == Outcome::kNoLeak);
}
