// SPDX-License-Identifier: MIT
//
// Scenarios about latency: the same workload under several strategies, by turns.
#include <simdjson.h>

#include "bench/suites/scenario.h"
#include "bench/suites/workloads.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr double kUsPerMs = 1000;

Status compare_strategies(const Setup& setup, const Workload& workload,
                          std::vector<std::string> strategies, ScenarioReport& report) {
  strategies.insert(strategies.end(), setup.also.begin(), setup.also.end());
  std::vector<Launch> launches;
  launches.reserve(strategies.size());
  for (const std::string& strategy : strategies) {
    launches.push_back(launch(setup, strategy, workload));
  }
  Result<std::vector<Series>> series = interleave(launches, setup.run);
  if (!series) return series.error();
  report.series = std::move(series).value();
  return base::ok_status();
}

// The targets for a page of any framework; `of_fpm` is the limit as a part of php-fpm's latency.
Status measure_page(const Setup& setup, const Workload& workload, double of_fpm,
                    ScenarioReport& report) {
  if (const auto reason = missing(workload)) {
    report.skipped = *reason;
    return base::ok_status();
  }
  const auto primed = prime(launch(setup, "inprocess", workload), setup.run);
  if (!primed) return primed.error();
  Status compared = compare_strategies(setup, workload, {"inprocess", "fork", "fpm"}, report);
  if (!compared) return compared;
  const Series& fork = series_of(report.series, "fork");
  const Series& inprocess = series_of(report.series, "inprocess");
  const Series& fpm = series_of(report.series, "fpm");
  report.findings = {
      compare(fork, inprocess, {Measure::kLatency, 50, 1.5}),
      compare(fork, inprocess, {Measure::kLatency, 99, 2.0}),
      compare(fork, fpm, {Measure::kLatency, 50, of_fpm}),
      compare(fork, fpm, {Measure::kBilled, 50, 1.0}),
      judge(fork, Measure::kFaults, 20, "faults", 1),
  };
  return base::ok_status();
}

// A fork copies one page table entry for a huge page instead of 512.
bool has_huge_pages(const Series& series) {
  return !series.rounds.empty() && series.rounds.back().usage.zygote().huge_kb > 0;
}

// The number of steps that the handler calibrated as its two milliseconds.
Result<std::string> read_steps(const std::string& answer) {
  simdjson::dom::parser parser;
  std::int64_t steps = 0;
  if (parser.parse(answer)["steps"].get(steps) != simdjson::SUCCESS || steps <= 0) {
    return Error{ErrorKind::kInvalid, "bench: read steps of 'two-ms': expected a number"};
  }
  return std::to_string(steps);
}

}  // namespace

Status measure_symfony(const Setup& setup, ScenarioReport& report) {
  Status measured = measure_page(setup, symfony_page(setup.source), 0.33, report);
  if (!measured || !report.skipped.empty()) return measured;
  const Series& fork = series_of(report.series, "fork");
  const bool huge = has_huge_pages(fork);
  Finding ready = judge(fork, Measure::kReady, huge ? 0.4 : 0.7, "ms", kUsPerMs);
  ready.target += huge ? ", with huge pages" : ", without huge pages";
  report.findings.push_back(std::move(ready));
  return measured;
}

Status measure_laravel(const Setup& setup, ScenarioReport& report) {
  return measure_page(setup, laravel_page(setup.source), 0.2, report);
}

Status measure_two_ms(const Setup& setup, ScenarioReport& report) {
  const auto answer = prime(launch(setup, "inprocess", two_ms(setup.source)), setup.run);
  if (!answer) return answer.error();
  const Result<std::string> steps = read_steps(answer->body);
  if (!steps) return steps.error();
  const Workload workload = two_ms(setup.source, steps.value());
  Status compared = compare_strategies(setup, workload, {"inprocess", "fork"}, report);
  if (!compared) return compared;
  const Series& inprocess = series_of(report.series, "inprocess");
  Finding finding =
      compare(series_of(report.series, "fork"), inprocess, {Measure::kLatency, 50, 1.05});
  const std::int64_t handler_us =
      pooled_percentile(inprocess.samples(Pace::kBackToBack, Measure::kLatency), 50);
  if (static_cast<double>(handler_us) < 2 * kUsPerMs) {
    finding.measured.reset();
    finding.note = "the handler took " + std::to_string(handler_us) +
                   " us instead of 2 ms: the machine was slower during calibration";
  }
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
