// SPDX-License-Identifier: MIT
#include "audit/report_table.h"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/unit/audit/reports.h"

using namespace phork::audit;
using namespace phork::audit::testing;

namespace {

constexpr const char* kLongName = "a-kind-of-state-with-a-name-that-is-longer-than-a-line-leaves";

StrategyReport every_verdict(const StrategyName& strategy) {
  return strategy_with(
      strategy,
      {kind_with("global", Verdict::kClean), kind_with("umask", Verdict::kLeak, "process"),
       kind_with("static", Verdict::kShared), kind_with("cwd", Verdict::kUnavailable, "process"),
       kind_with("class", Verdict::kFailed), kind_with("nice", Verdict::kUntested, "process")});
}

}  // namespace

TEST_CASE("with several strategies a kind is a row below its group and a strategy a column") {
  const AuditReport report{
      "/app",
      {strategy_with(kInprocess, {kind_with("global", Verdict::kLeak),
                                  kind_with("umask", Verdict::kLeak, "process")}),
       every_verdict(kFork)}};
  CHECK(table(report, false) ==
        "          inprocess  fork\n"
        "php\n"
        "  global  LEAK       clean\n"
        "  static  n/a        shared\n"
        "  class   n/a        failed\n"
        "process\n"
        "  umask   LEAK       LEAK\n"
        "  cwd     n/a        n/a\n"
        "  nice    n/a        untested\n");
}

TEST_CASE("a kind that a strategy is known to keep is marked as kept, without a colour") {
  const AuditReport report{"/app", {strategy_with(kFpm, {kind_with("nice", Verdict::kKept)})}};
  CHECK(table(report, true) ==
        "        fpm\n"
        "php\n"
        "  nice  kept      a nice\n");
}

TEST_CASE("with one strategy the table is a list that says what each kind is") {
  const AuditReport report{"/app",
                           {strategy_with(kFork, {kind_with("global", Verdict::kClean),
                                                  kind_with("umask", Verdict::kLeak, "process")})}};
  CHECK(table(report, false) ==
        "          fork\n"
        "php\n"
        "  global  clean     a global\n"
        "process\n"
        "  umask   LEAK      a umask\n");
}

TEST_CASE("with colours, leaks are red and open questions yellow") {
  const AuditReport report{"/app", {every_verdict(kFork), every_verdict(kFork)}};
  const std::string text = table(report, true);
  CHECK(text.find("\033[31mLEAK      \033[0m") != std::string::npos);
  CHECK(text.find("\033[33mfailed    \033[0m") != std::string::npos);
  CHECK(text.find("\033[33muntested  \033[0m") != std::string::npos);
  CHECK(text.find("clean     ") != std::string::npos);
  CHECK(table(report, false).find('\033') == std::string::npos);
}

TEST_CASE("no line is longer than 100 columns or ends with a blank") {
  AuditReport report{"/app", {}};
  for (const char* name : {"inprocess", "exec", "prespawn", "fork", "fpm", "rollback"}) {
    report.strategies.push_back(
        strategy_with({'X', name, true}, {kind_with(kLongName, Verdict::kUntested)}));
    std::istringstream lines(table(report, false));
    for (std::string line; std::getline(lines, line);) {
      CHECK(line.size() <= 100);
      CHECK_FALSE(line.ends_with(' '));
    }
  }
  CHECK(table(report, false).find("a-kind-of-state") != std::string::npos);
}

TEST_CASE("a strategy that could not be audited has no column") {
  AuditReport report{"/app", {StrategyReport{kInprocess}}};
  report.strategies[0].failure = "boot failed";
  CHECK(table(report, false).empty());
  report.strategies.push_back(strategy_with(kFork, {kind_with("global", Verdict::kClean)}));
  CHECK(table(report, false) ==
        "          fork\n"
        "php\n"
        "  global  clean     a global\n");
}
