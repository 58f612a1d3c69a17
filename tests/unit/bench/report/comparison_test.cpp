// SPDX-License-Identifier: MIT
#include "bench/report/comparison.h"

#include <doctest/doctest.h>

#include "tests/unit/bench/series_fixture.h"

using namespace phork::bench;
using phork::testing::make_series;

TEST_CASE("a comparison is about the events sent back to back") {
  const Finding finding =
      compare(make_series("fork", {150, 150, 180}), make_series("inprocess", {100, 100, 100}),
              {Measure::kLatency, 50, 1.5});
  CHECK(finding.target == "fork latency p50 / inprocess");
  CHECK(finding.unit == "x");
  CHECK(*finding.measured == doctest::Approx(1.51));
  CHECK(finding.verdict() == Verdict::kMissed);
  CHECK(finding.note.find("rounds 1.50 to 1.80, 95 %") == 0);
}

TEST_CASE("a target that is just reached is met") {
  const Finding finding =
      compare(make_series("fork", {150}), make_series("fpm", {100}), {Measure::kBilled, 50, 1.5});
  CHECK(finding.target == "fork billed p50 / fpm");
  CHECK(finding.verdict() == Verdict::kMet);
}

TEST_CASE("how sure a tail is, only its rounds say") {
  const Finding finding = compare(make_series("fork", {150}), make_series("inprocess", {100}),
                                  {Measure::kLatency, 99, 2});
  CHECK(finding.target == "fork latency p99 / inprocess");
  CHECK(finding.note == "rounds 1.50 to 1.50");
}

TEST_CASE("a figure of one series is judged in the unit of its target") {
  const Series fork = make_series("fork", {100, 300});
  const Finding faults = judge(fork, Measure::kFaults, 20, "faults", 1);
  CHECK(faults.target == "fork minor faults p50");
  CHECK(*faults.measured == doctest::Approx(4));
  CHECK(faults.verdict() == Verdict::kMet);
  const Finding latency = judge(fork, Measure::kLatency, 0.1, "ms", 1000);
  CHECK(*latency.measured == doctest::Approx(0.101));
  CHECK(latency.note == "rounds 0.10 to 0.30");
  CHECK(latency.verdict() == Verdict::kMissed);
}

TEST_CASE("what the runtime did not report is skipped, never met") {
  const Finding ready = judge(make_series("fork", {100}), Measure::kReady, 0.7, "ms", 1000);
  CHECK_FALSE(ready.measured.has_value());
  CHECK(ready.verdict() == Verdict::kSkipped);
  CHECK(ready.note == "the runtime's metrics have no ready_us");
}

TEST_CASE("a series is found by its label") {
  const std::vector<Series> all = {make_series("inprocess", {1}), make_series("fork", {2})};
  CHECK(series_of(all, "fork").rounds.front().back_to_back[1].latency_us == 2);
}

TEST_CASE("who answers otherwise than the first is told, and how") {
  std::vector<Series> all = {make_series("fork", {1}), make_series("fpm", {1}),
                             make_series("php-cgi", {1})};
  CHECK(differences(all).empty());
  CHECK(differences({}).empty());
  all[0].answer = {200, "page 1"};
  all[1].answer = {200, "page 2"};
  all[2].answer = {404, "none"};
  const std::vector<std::string> told = differences(all);
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "fpm answers with status 200 and 6 bytes, fork with as many others");
  CHECK(told[1] == "php-cgi answers with status 404 and 4 bytes, fork with status 200 and 6 bytes");
}

TEST_CASE("a series has one figure for each round that has it") {
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
