// SPDX-License-Identifier: MIT
#include "bench/report/suite_report.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "bench/report/report_json.h"
#include "bench/report/report_text.h"
#include "tests/unit/bench/series_fixture.h"

using namespace phork::bench;
using phork::testing::make_series;

namespace {

const Finding kMetTarget{"fork latency p50 / inprocess", "x", 1.5, 1.25, "rounds 1.20 to 1.30"};
const Finding kMissedTarget{"growth of processes", "", 0, 1.0, "from event 1000 to 20000"};
const Finding kSkippedTarget{"fork time until ready p50", "ms", 0.7, std::nullopt,
                             "the runtime's metrics have no ready_us"};

SuiteReport make_report() {
  SuiteReport report;
  report.machine.cores = 2;
  report.machine.kernel = "Linux 6.1";
  report.machine.commit = "abc1234";
  report.machine.variables = {"PHORK_SPARES"};
  report.machine.php = R"({"version":"8.2.1"})";
  ScenarioReport page{.name = "symfony", .title = "a page"};
  page.series = {make_series("inprocess", {100, 120}), make_series("fork", {150, 170})};
  page.findings = {kMetTarget, kSkippedTarget};
  ScenarioReport soak{.name = "soak", .title = "many events"};
  soak.tables = {{"what it holds", {"events", "processes"}, {}}};
  for (int i = 0; i < 25; ++i) soak.tables[0].rows.push_back({"", {1000.0 + i, 3}});
  report.scenarios = {page, soak, {.name = "laravel", .title = "b", .skipped = "no vendor"}};
  return report;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a report is good if no target is missed and no scenario failed") {
  SuiteReport report = make_report();
  CHECK(report.good());
  report.scenarios[1].findings = {kMissedTarget};
  CHECK_FALSE(report.good());
  report = make_report();
  report.scenarios[2].failure = "bench: boot 'laravel' under fork: init failed";
  CHECK_FALSE(report.good());
}

TEST_CASE("the text has a row for each series and pace, and a verdict for each target") {
  SuiteReport report = make_report();
  report.scenarios[1].findings = {kMissedTarget};
  const std::string text = to_text(report);
  CAPTURE(text);
  CHECK(holds(text,
              "  fork          back to back    0.151   0.171   0.171    0.302   0.342       4"));
  CHECK(holds(text, "  fork          spaced          1.500"));
  CHECK(holds(text, "0.150-0.170"));
  CHECK(holds(text, "<= 1.5 x          1.25  met (rounds 1.20 to 1.30)"));
  CHECK(holds(text, "-  skipped: the runtime's metrics have no ready_us"));
  CHECK(holds(text, "MISSED by 1.00 (from event 1000 to 20000)"));
  CHECK(holds(text, "skipped: no vendor"));
}

TEST_CASE("a series without billed times has none in its row") {
  SuiteReport report = make_report();
  for (Round& round : report.scenarios[0].series[1].rounds) {
    for (EventSample& event : round.back_to_back) event.billed_us.reset();
  }
  CHECK(holds(to_text(report), "0.171   0.171        -       -       4"));
}

TEST_CASE("of a long table the text shows some rows, among them the first and the last") {
  const std::string text = to_text(make_report());
  CHECK(holds(text, " 1000 "));
  CHECK_FALSE(holds(text, " 1001 "));
  CHECK(holds(text, " 1003 "));
  CHECK(holds(text, " 1024 "));
}

TEST_CASE("the JSON has all figures") {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  REQUIRE(parser.parse(to_json(make_report())).get(json) == simdjson::SUCCESS);
  CHECK(json["good"].get_bool().value());
  CHECK(json["machine"]["commit"].get_string().value() == "abc1234");
  CHECK(json["machine"]["php"]["version"].get_string().value() == "8.2.1");
  CHECK(json["machine"]["php_fpm"].error() == simdjson::NO_SUCH_FIELD);
  CHECK(json["machine"]["variables_set"].at(0).get_string().value() == "PHORK_SPARES");
  const auto page = json["scenarios"].at(0);
  const auto fork = page["series"].at(1);
  CHECK(fork["strategy"].get_string().value() == "fork");
  const auto latency = fork["back_to_back"]["latency_us"];
  CHECK(latency["count"].get_int64().value() == 6);
  CHECK(latency["p50"].get_int64().value() == 151);
  CHECK(latency["max"].get_int64().value() == 171);
  CHECK(latency["p50_by_round"].at(1).get_int64().value() == 170);
  CHECK(fork["back_to_back"]["ready_us"].error() == simdjson::NO_SUCH_FIELD);
  CHECK(fork["spaced"]["billed_us"]["p50"].get_int64().value() == 3000);
  CHECK(fork["memory_kb"].at(0).get_int64().value() == 150);
  CHECK(fork["zygote_huge_kb"].at(0).get_int64().value() == 2048);
  CHECK(page["findings"].at(0)["verdict"].get_string().value() == "met");
  CHECK(page["findings"].at(1)["measured"].is_null());
  CHECK(json["scenarios"].at(1)["tables"].at(0)["rows"].get_array().size() == 25);
  CHECK(json["scenarios"].at(2)["skipped"].get_string().value() == "no vendor");
}

TEST_CASE("a comparison uses the events sent back to back") {
  const Finding finding =
      compare(make_series("fork", {150, 150, 180}), make_series("inprocess", {100, 100, 100}),
              {Measure::kLatency, 50, 1.5});
  CHECK(finding.target == "fork latency p50 / inprocess");
  CHECK(finding.unit == "x");
  CHECK(*finding.measured == doctest::Approx(1.51));
  CHECK(finding.verdict() == Verdict::kMissed);
  CHECK(finding.note.find("rounds 1.50 to 1.80, 95 %") == 0);
}

TEST_CASE("a comparison of spaced events says so") {
  const Finding finding = compare(make_series("fork", {150}), make_series("fpm", {100}),
                                  {Measure::kBilled, 50, 1.4, Pace::kSpaced});
  CHECK(finding.target == "fork billed p50 spaced / fpm");
  CHECK(*finding.measured == doctest::Approx(1.5));
  CHECK(finding.verdict() == Verdict::kMissed);
}

TEST_CASE("cold starts are compared by the median of the rounds") {
  Series fork = make_series("fork", {1, 1, 1});
  fork.rounds[0].cold_start_us = 90'000;
  fork.rounds[1].cold_start_us = 120'000;
  fork.rounds[2].cold_start_us = 500'000;
  const Finding finding = compare_cold_starts(fork, make_series("bref-loop", {1, 1, 1}), 1.3);
  CHECK(finding.target == "fork cold start p50 / bref-loop");
  CHECK(*finding.measured == doctest::Approx(1.5));
  CHECK(finding.verdict() == Verdict::kMissed);
}

TEST_CASE("a target that is reached exactly is met") {
  const Finding finding =
      compare(make_series("fork", {150}), make_series("fpm", {100}), {Measure::kBilled, 50, 1.5});
  CHECK(finding.target == "fork billed p50 / fpm");
  CHECK(finding.verdict() == Verdict::kMet);
}

TEST_CASE("the note on a tail has the range of the rounds and no interval") {
  const Finding finding = compare(make_series("fork", {150}), make_series("inprocess", {100}),
                                  {Measure::kLatency, 99, 2});
  CHECK(finding.target == "fork latency p99 / inprocess");
  CHECK(finding.note == "rounds 1.50 to 1.50");
}

TEST_CASE("a series is found by its label") {
  const std::vector<Series> all = {make_series("inprocess", {1}), make_series("fork", {2})};
  CHECK(series_of(all, "fork").rounds.front().back_to_back[1].latency_us == 2);
}

TEST_CASE("series whose answers differ from the first are listed") {
  std::vector<Series> all = {make_series("fork", {1}), make_series("fpm", {1}),
                             make_series("php-cgi", {1})};
  CHECK(differences(all).empty());
  CHECK(differences({}).empty());
  all[0].answer = {200, "page 1"};
  all[1].answer = {200, "page 2"};
  all[2].answer = {404, "none"};
  const std::vector<std::string> told = differences(all);
  REQUIRE(told.size() == 2);
  CHECK(told[0] ==
        "fpm answers with status 200 and 6 bytes, fork with the same size and other bytes");
  CHECK(told[1] == "php-cgi answers with status 404 and 4 bytes, fork with status 200 and 6 bytes");
}

TEST_CASE("a figure has a value for each round that has it") {
  Series series = make_series("fork", {1, 2});
  series.rounds[0].cpu_us_per_event = 3;
  series.rounds[1].cpu_us_per_event = 4;
  series.rounds[1].events_per_second = 50;
  CHECK(series.figures(Figure::kCpu) == std::vector<double>{3, 4});
  CHECK(series.figures(Figure::kThroughput) == std::vector<double>{50});
  CHECK(series.figures(Figure::kColdStart) == std::vector<double>{80'000, 80'000});
  CHECK(series.figures(Figure::kMemory) == std::vector<double>{150, 150});
  series.rounds[0].usage.processes.clear();
  CHECK(series.figures(Figure::kMemory) == std::vector<double>{150});
}
