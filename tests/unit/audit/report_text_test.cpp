// SPDX-License-Identifier: MIT
#include "audit/report_text.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/unit/audit/reports.h"

using namespace phork::audit;
using namespace phork::audit::testing;

namespace {

StrategyReport with_record(StrategyReport report, const std::string& record) {
  report.application = read_application(record, 3);
  return report;
}

StrategyReport leaky() {
  return strategy_with(kInprocess,
                       {kind_with("global", Verdict::kLeak), kind_with("umask", Verdict::kClean)});
}

StrategyReport clean() {
  return strategy_with(kFork, {kind_with("global", Verdict::kClean)});
}

StrategyReport keeping() {
  StrategyReport report =
      strategy_with(kFpm, {kind_with("umask", Verdict::kClean), kind_with("nice", Verdict::kKept),
                           kind_with("comm", Verdict::kKept)});
  for (KindFinding& entry : report.probe.kinds) entry.kind.policy = "the kernel's";
  return report;
}

const std::string kSame = "{\"ini\":{\"precision\":14}}\n";
const std::string kOther = "{\"ini\":{\"precision\":17},\"globals\":{\"cache\":\"x\"}}\n";

}  // namespace

TEST_CASE("a leak is named with the values planted, found and there before") {
  CHECK(probe_details(leaky(), false) ==
        "\ninprocess: state that survives an event\n"
        "  global: planted and found \"planted\", was null\n");
  CHECK(probe_details(clean(), false).empty());
}

TEST_CASE("long values are shortened to share a line, unless they are wanted in full") {
  StrategyReport report = leaky();
  Finding& finding = report.probe.kinds[0].finding;
  finding.planted = "\"" + std::string(200, 'p') + "\"";
  finding.found = "\"" + std::string(200, 'f') + "\"";
  const std::string text = probe_details(report, false);
  const std::string line = text.substr(text.find("  global"));
  CHECK(line.size() == 101);  // with its end
  CHECK(line.find("ppp..., found \"fff") != std::string::npos);
  CHECK(line.find(", was null\n") != std::string::npos);
  CHECK(probe_details(report, true).find(finding.planted + ", found " + finding.found) !=
        std::string::npos);
}

TEST_CASE("a leak shows the planted value and the found one when they differ") {
  StrategyReport report = leaky();
  report.probe.kinds[0].finding.found = "7";
  CHECK(probe_details(report, false).find("global: planted \"planted\", found 7, was null\n") !=
        std::string::npos);
}

TEST_CASE("short values leave their share of the line to the long ones") {
  StrategyReport report = leaky();
  Finding& finding = report.probe.kinds[0].finding;
  finding.planted = "1";
  finding.found = "\"" + std::string(60, 'f') + "\"";
  CHECK(probe_details(report, false).find("planted 1, found " + finding.found + ", was null\n") !=
        std::string::npos);
}

TEST_CASE("kinds that prove nothing have a reason; shared and unavailable ones only in full") {
  StrategyReport report = strategy_with(
      kFork, {kind_with("a", Verdict::kFailed), kind_with("b", Verdict::kUntested),
              kind_with("c", Verdict::kUnavailable), kind_with("d", Verdict::kShared)});
  report.probe.kinds[3].kind.channel = "apcu";
  report.probe.kinds[3].kind.policy = "shared by all workers";
  CHECK(probe_details(report, false) ==
        "\nfork: kinds that prove nothing\n"
        "  a: failed: because\n"
        "  b: untested: because\n");
  CHECK(probe_details(report, true) ==
        "\nfork: kinds that prove nothing\n"
        "  a: failed: because\n"
        "  b: untested: because\n"
        "  c: n/a: because\n"
        "  d: shared: because [apcu] shared by all workers\n");
}

TEST_CASE("a kind that a strategy is known to keep is named with the reason") {
  CHECK(probe_details(keeping(), false) ==
        "\nfpm: state that php-fpm never resets\n"
        "  nice: kept: the kernel's\n"
        "  comm: kept: the kernel's\n");
}

TEST_CASE("a conclusion names the kinds that a strategy is known to keep") {
  CHECK(
      conclusion(keeping()) ==
      "fpm: as safe as php-fpm: none of 1 tested kind of state that it promises to reset survives "
      "an event;\n  2 kinds survive that php-fpm never resets: nice, comm\n");
  StrategyReport leaks = keeping();
  leaks.probe.kinds.push_back(kind_with("umask", Verdict::kLeak));
  CHECK(conclusion(leaks) ==
        "fpm: not safe: 1 of 2 tested kinds of state that it promises to reset survives an event; "
        "2 kinds\n  survive that php-fpm never resets: nice, comm\n");
  CHECK(conclusion(with_record(keeping(), kSame + kSame)).starts_with("fpm: as safe as php-fpm: "));
  CHECK(conclusion(with_record(keeping(), kSame + kOther)).starts_with("fpm: not safe: "));
}

TEST_CASE("a change that the application left is named with the event that left it") {
  const std::string gone = "{\"ini\":{\"precision\":17}}\n";
  CHECK(application_details(with_record(leaky(), kSame + kOther + gone), false) ==
        "\ninprocess: what your application left behind\n"
        "  globals.cache: added after event 1 (2 times): \"x\"\n"
        "  ini.precision: changed after event 1: 14 -> 17\n");
  CHECK(application_details(with_record(leaky(), kOther + gone), false) ==
        "\ninprocess: what your application left behind\n"
        "  globals.cache: removed after event 1: was \"x\"\n");
  CHECK(application_details(with_record(clean(), kSame + kSame), false).empty());
  CHECK(application_details(clean(), false).empty());
}

TEST_CASE("events that failed in the application are listed") {
  StrategyReport report = with_record(clean(), kSame + kSame);
  add_failure(*report.application, "DomainException: no");
  CHECK(application_details(report, false) ==
        "\nfork: events that failed in your application\n"
        "  DomainException: no\n");
}

TEST_CASE("a conclusion says whether a strategy is safe for the application, and why") {
  CHECK(conclusion(clean()) == "fork: safe: none of 1 tested kind of state survives an event\n");
  CHECK(conclusion(leaky()) ==
        "inprocess: not safe: 1 of 2 tested kinds of state survives an event\n");
  CHECK(conclusion(with_record(clean(), kSame + kSame)) ==
        "fork: safe: none of 1 tested kind of state survives an event; your application left "
        "nothing behind\n  in 3 events\n");
  CHECK(conclusion(with_record(leaky(), kSame + kOther)) ==
        "inprocess: not safe: 1 of 2 tested kinds of state survives an event; your application "
        "left 2 changed\n  values to the next event in 3 events: globals.cache, ini.precision\n");
  CHECK(conclusion(with_record(leaky(), kSame + kSame))
            .starts_with("inprocess: safe only for events that leave nothing behind: 1 of 2 "));
  CHECK(conclusion(with_record(clean(), kSame + kOther)).starts_with("fork: not safe: none of 1 "));
}

TEST_CASE("a conclusion does not claim what was not examined") {
  CHECK(conclusion(with_record(clean(), "")) ==
        "fork: safe: none of 1 tested kind of state survives an event; your application was not "
        "examined: the\n  runtime recorded the state of no event\n");
  CHECK(conclusion(with_record(leaky(), "")).starts_with("inprocess: not safe: "));
  StrategyReport open = clean();
  open.probe.kinds.push_back(kind_with("b", Verdict::kFailed));
  open.probe.kinds.push_back(kind_with("c", Verdict::kUntested));
  CHECK(conclusion(open) ==
        "fork: not proven safe: none of 1 tested kind of state survives an event; 2 kinds could "
        "not be tested\n");
  CHECK(conclusion(strategy_with(kFork, {kind_with("a", Verdict::kUnavailable)}))
            .starts_with("fork: not tested: "));
  StrategyReport failed{kFork};
  failed.failure = "boot failed";
  CHECK(conclusion(failed) == "fork: not audited: boot failed\n");
}

TEST_CASE("a conclusion names the groups of state that PHP refused to show") {
  const std::string gap = "{\"ini\":{\"not examined\":\"Error\"},\"code\":{\"classes\":1}}\n";
  CHECK(conclusion(with_record(clean(), gap + gap)).find("3 events (not examined: ini)\n") !=
        std::string::npos);
}

TEST_CASE("a conclusion names five changed values and counts the rest") {
  const std::string text = conclusion(
      with_record(clean(), "{}\n{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1}\n"));
  CHECK(text.find("a, b, c, d, e and 2 more\n") != std::string::npos);
}

TEST_CASE("details come strategy by strategy, and the conclusions last") {
  CHECK(details({"/app", {leaky(), clean()}}, false) ==
        "\ninprocess: state that survives an event\n"
        "  global: planted and found \"planted\", was null\n"
        "\nconclusion\n"
        "inprocess: not safe: 1 of 2 tested kinds of state survives an event\n"
        "fork: safe: none of 1 tested kind of state survives an event\n");
}
