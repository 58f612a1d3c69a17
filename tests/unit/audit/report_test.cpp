// SPDX-License-Identifier: MIT
#include "audit/report.h"

#include <string>

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
  CHECK(counts[Verdict::kClean] == 2);
  CHECK(counts[Verdict::kLeak] == 1);
  CHECK(counts[Verdict::kShared] == 1);
  CHECK(counts[Verdict::kUnavailable] == 1);
  CHECK(counts[Verdict::kFailed] == 1);
  CHECK(counts[Verdict::kUntested] == 1);
  CHECK(counts[Verdict::kKept] == 1);
  CHECK(counts.tested() == 4);
}

TEST_CASE("leaks under a strategy that promises no isolation count only when it was named") {
  AuditReport report{"/app", {leaky(kInprocess), clean(kFork)}};
  CHECK(outcome(report) == Outcome::kNoLeak);
  report.strategies[0].named = true;
  CHECK(outcome(report) == Outcome::kLeak);
}

TEST_CASE("a leak under a strategy that promises isolation counts, named or not") {
  CHECK(outcome({"/app", {clean(kInprocess), leaky(kFork)}}) == Outcome::kLeak);
}

TEST_CASE("a kind that a strategy is known to keep is neither a leak nor an open question") {
  const StrategyReport kept = strategy_with(kFpm, {kind_with("nice", Verdict::kKept)});
  CHECK(outcome({"/app", {kept}}) == Outcome::kNoLeak);
}

TEST_CASE("a change that the application left behind counts as a leak") {
  AuditReport report{"/app", {clean(kFork)}};
  report.strategies[0].application = read_application("{\"a\":1}\n{\"a\":2}\n", 2);
  CHECK(outcome(report) == Outcome::kLeak);
  report.strategies[0].application = read_application("{\"a\":1}\n{\"a\":1}\n", 2);
  CHECK(outcome(report) == Outcome::kNoLeak);
}

TEST_CASE("an audit with open questions and no leak is incomplete") {
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

TEST_CASE("an application that was not recorded is not an open question") {
  AuditReport report{"/app", {clean(kFork)}};
  report.strategies[0].application = read_application("", 3);
  CHECK(outcome(report) == Outcome::kNoLeak);
}

TEST_CASE("a leak outweighs an open question, in either order") {
  StrategyReport failed = strategy_with(kFork, {kind_with("a", Verdict::kFailed)});
  CHECK(outcome({"/app", {failed, leaky(kFork)}}) == Outcome::kLeak);
  CHECK(outcome({"/app", {leaky(kFork), failed}}) == Outcome::kLeak);
}

TEST_CASE("open questions under a strategy that does not count are ignored") {
  AuditReport report{"/app", {StrategyReport{kInprocess}, clean(kFork)}};
  report.strategies[0].failure = "boot failed";
  CHECK(outcome(report) == Outcome::kNoLeak);
}

TEST_CASE("the JSON of an audit has everything that was found") {
  AuditReport report{"/app", {strategy_with(kFork, {kind_with("global", Verdict::kLeak)})}};
  report.strategies[0].application =
      read_application("{\"a\":1}\n{\"a\":2,\"b\":{\"c\":\"d\"}}\n", 3);
  add_failure(*report.strategies[0].application, "DomainException: no");
  CHECK(to_json(report) ==
        R"({"directory":"/app","outcome":"leak","strategies":[{"name":"fork","isolates":true,)"
        R"("counts_for_exit_code":true,"failure":"","php":"8.2.1","sapi":"phork",)"
        R"("counts":{"clean":0,"leak":1,"kept":0,"shared":0,"unavailable":0,)"
        R"("failed":0,"untested":0},)"
        R"("kinds":[{"name":"global","group":"php","title":"a global","verdict":"leak",)"
        R"("before":null,"planted":"planted","found":"planted","reason":"","channel":"",)"
        R"("policy":""}],)"
        R"("application":{"started":true,"examined":true,"reason":"","events":3,)"
        R"("records":2,"changes":[)"
        R"({"key":"a","how":"changed","before":1,"after":2,"event":1,"times":1},)"
        R"({"key":"b.c","how":"added","before":null,"after":"d","event":1,"times":1}],)"
        R"("gaps":[],"failures":["DomainException: no"]}}]})");
}

TEST_CASE("a value that no event told is null") {
  const AuditReport report{"/app",
                           {strategy_with(kFork, {kind_with("cwd", Verdict::kUnavailable)})}};
  const std::string json = to_json(report);
  CHECK(json.find(R"("verdict":"unavailable","before":null,"planted":null,"found":null,)"
                  R"("reason":"because")") != std::string::npos);
  CHECK(json.find(R"("outcome":"incomplete")") != std::string::npos);
  CHECK(json.find("application") == std::string::npos);
}

TEST_CASE("a strategy that could not be audited has the reason") {
  AuditReport report{"/app", {StrategyReport{kInprocess}}};
  report.strategies[0].failure = "boot \"failed\"";
  const std::string json = to_json(report);
  CHECK(json.find(R"("failure":"boot \"failed\"")") != std::string::npos);
  CHECK(json.find(R"("counts_for_exit_code":false)") != std::string::npos);
  CHECK(json.find(R"("outcome":"no leak")") != std::string::npos);
}
