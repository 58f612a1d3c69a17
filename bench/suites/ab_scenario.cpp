// SPDX-License-Identifier: MIT
//
// Scenario ab: the first hundred events of an environment as ab's caller sees them.
#include <string>
#include <utility>

#include "bench/measure/load_tool.h"
#include "bench/subjects/launch.h"
#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"

namespace phork::bench {
namespace {

using base::Result;
using base::Status;

constexpr double kUsPerMs = 1000;

Result<Round> ask_by_ab(const std::string& ab, const Launch& launch) {
  const auto load = run_ab(ab, function_of(launch), {.warm_up = 0, .path = kSymfonyPath});
  if (!load) return load.error();
  Round round;
  for (const std::int64_t time_us : load->percentiles_us) {
    round.back_to_back.push_back({.latency_us = time_us});
  }
  round.cold_start_us = static_cast<std::int64_t>(load->cold_start_ms * kUsPerMs);
  return round;
}

// The 90th percentile as a multiple of the median of the same series.
Finding judge_p90(const Series& series, double limit) {
  const Rounds rounds = series.samples(Pace::kBackToBack, Measure::kLatency);
  return {.target = series.label + " latency p90 / its p50",
          .unit = "x",
          .limit = limit,
          .measured = static_cast<double>(pooled_percentile(rounds, 90)) /
                      static_cast<double>(pooled_percentile(rounds, 50)),
          .note = "all rounds together"};
}

}  // namespace

Status measure_ab(const Setup& setup, ScenarioReport& report) {
  const Workload page = symfony_page(setup.source);
  const Result<std::string> ab = find_ab();
  if (!ab) report.skipped = ab.error().text;
  if (const auto reason = missing(page)) report.skipped = *reason;
  if (!report.skipped.empty()) return base::ok_status();
  const std::vector<Launch> all = launches(setup, page, {"inprocess", "fork", "rollback", "fpm"});
  if (const auto primed = prime(all, setup.run); !primed) return primed.error();
  for (const Launch& each : all) report.series.push_back({each.label, each.strategy, {}});
  for (unsigned round = 1; round <= setup.run.effort.rounds; ++round) {
    setup.run.say("round " + std::to_string(round));
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (Status wanted = setup.run.go_on(); !wanted) return wanted;
      Result<Round> asked = ask_by_ab(ab.value(), all[i]);
      if (!asked) return asked.error();
      report.series[i].rounds.push_back(std::move(asked).value());
    }
  }
  judge(report, "fork", "fpm", {Measure::kLatency, 50, 1.2});
  judge(report, "rollback", "fpm", {Measure::kLatency, 50, 0.45});
  for (const char* strategy : {"fork", "rollback"}) {
    report.findings.push_back(judge_p90(series_of(report.series, strategy), 2));
  }
  return base::ok_status();
}

}  // namespace phork::bench
