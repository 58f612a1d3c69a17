// SPDX-License-Identifier: MIT
#include "audit/report_json.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/unit/audit/reports.h"

using namespace phork::audit;
using namespace phork::audit::testing;

TEST_CASE("an audit as JSON has everything that was found") {
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

TEST_CASE("values that no event told are null") {
  const AuditReport report{"/app",
                           {strategy_with(kFork, {kind_with("cwd", Verdict::kUnavailable)})}};
  const std::string json = to_json(report);
  CHECK(json.find(R"("verdict":"unavailable","before":null,"planted":null,"found":null,)"
                  R"("reason":"because")") != std::string::npos);
  CHECK(json.find(R"("outcome":"incomplete")") != std::string::npos);
  CHECK(json.find("application") == std::string::npos);
}

TEST_CASE("a strategy that could not be asked says why") {
  AuditReport report{"/app", {StrategyReport{kInprocess}}};
  report.strategies[0].failure = "boot \"failed\"";
  const std::string json = to_json(report);
  CHECK(json.find(R"("failure":"boot \"failed\"")") != std::string::npos);
  CHECK(json.find(R"("counts_for_exit_code":false)") != std::string::npos);
  CHECK(json.find(R"("outcome":"no leak")") != std::string::npos);
}
