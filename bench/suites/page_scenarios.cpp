// SPDX-License-Identifier: MIT
//
// Scenarios about latency: the same workload under several strategies, by turns.
#include <stop_token>
#include <thread>
#include <utility>

#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Status;

constexpr double kUsPerMs = 1000;
constexpr int kBusyLoops = 2;

// Skips the scenario when the page's packages are missing; then the report has no series.
Status measure_strategies(const Setup& setup, const Workload& page, Names strategies,
                          ScenarioReport& report) {
  if (const auto reason = missing(page)) {
    report.skipped = *reason;
    return base::ok_status();
  }
  const auto primed = prime(launch(setup, "inprocess", page), setup.run);
  if (!primed) return primed.error();
  return measure_in_turns(launches(setup, page, std::move(strategies)), setup.run, report);
}

// The targets for a page of any framework.
Status measure_page(const Setup& setup, const Workload& workload, ScenarioReport& report) {
  Status measured =
      measure_strategies(setup, workload, {"inprocess", "fork", "rollback", "fpm"}, report);
  if (!measured || !report.skipped.empty()) return measured;
  judge_isolation(report);
  judge(report, "fork", "inprocess", {Measure::kLatency, 99, 2.0});
  judge(report, "rollback", "inprocess", {Measure::kLatency, 99, 2.0});
  judge(report, "rollback", "inprocess", {Measure::kBilled, 50, 1.6, Pace::kSpaced});
  judge(report, "fork", "fpm", {Measure::kBilled, 50, 0.6, Pace::kSpaced});
  return base::ok_status();
}

}  // namespace

Status measure_symfony(const Setup& setup, ScenarioReport& report) {
  return measure_page(setup, symfony_page(setup.source), report);
}

Status measure_laravel(const Setup& setup, ScenarioReport& report) {
  return measure_page(setup, laravel_page(setup.source), report);
}

Status measure_two_ms(const Setup& setup, ScenarioReport& report) {
  const auto answer = prime(launch(setup, "inprocess", two_ms(setup.source)), setup.run);
  if (!answer) return answer.error();
  // The number of steps that the handler calibrated as its two milliseconds.
  const auto steps = number_in(answer.value(), "steps");
  if (!steps) {
    return Error{ErrorKind::kInvalid, "bench: read steps of 'two-ms': expected a number"};
  }
  const Workload workload = two_ms(setup.source, std::to_string(*steps));
  Status measured = measure_in_turns(launches(setup, workload, {"inprocess", "fork", "rollback"}),
                                     setup.run, report);
  if (!measured) return measured;
  const Series& inprocess = series_of(report.series, "inprocess");
  const std::int64_t handler_us =
      pooled_percentile(inprocess.samples(Pace::kBackToBack, Measure::kLatency), 50);
  for (const char* strategy : {"fork", "rollback"}) {
    Finding finding =
        compare(series_of(report.series, strategy), inprocess, {Measure::kLatency, 50, 1.05});
    if (static_cast<double>(handler_us) < 2 * kUsPerMs) {
      finding.measured.reset();
      finding.note = "the handler took " + std::to_string(handler_us) +
                     " us instead of 2 ms: the machine was slower during calibration";
    }
    report.findings.push_back(std::move(finding));
  }
  return base::ok_status();
}

// Work beside the function, as on a machine that others use too: a fork, which needs a second
// process, may not fall behind.
Status measure_busy(const Setup& setup, ScenarioReport& report) {
  std::vector<std::jthread> loops;
  loops.reserve(kBusyLoops);
  for (int i = 0; i < kBusyLoops; ++i) {
    loops.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
      }
    });
  }
  Status measured =
      measure_strategies(setup, symfony_page(setup.source), {"inprocess", "fork"}, report);
  if (!measured || !report.skipped.empty()) return measured;
  judge(report, "fork", "inprocess", {Measure::kLatency, 50, 2.0});
  return base::ok_status();
}

}  // namespace phork::bench
