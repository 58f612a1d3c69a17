// SPDX-License-Identifier: MIT
//
// Latency: the same application under several strategies, by turns.
#include <simdjson.h>

#include "bench/report/comparison.h"
#include "bench/suites/scenario.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

constexpr double kUsPerMs = 1000;

Status compare_strategies(const Setup& setup, const Application& application,
                          std::vector<std::string> strategies, ScenarioReport& report) {
  strategies.insert(strategies.end(), setup.also.begin(), setup.also.end());
  std::vector<Launch> launches;
  launches.reserve(strategies.size());
  for (const std::string& strategy : strategies) {
    launches.push_back(launch(setup, strategy, application));
  }
  Result<std::vector<Series>> series = interleave(launches, setup.run);
  if (!series) return series.error();
  report.series = std::move(series).value();
  return base::ok_status();
}

// What a page of any framework has to keep; `of_fpm` is the part of php-fpm's latency.
Status measure_page(const Setup& setup, const Application& application, double of_fpm,
                    ScenarioReport& report) {
  if (const auto reason = missing(application)) {
    report.skipped = *reason;
    return base::ok_status();
  }
  const auto primed = prime(launch(setup, "inprocess", application), setup.run);
  if (!primed) return primed.error();
  Status compared = compare_strategies(setup, application, {"inprocess", "fork", "fpm"}, report);
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

// Whether the zygote has memory in huge pages, which a fork shares by one entry instead of 512.
bool has_huge_pages(const Series& series) {
  return !series.rounds.empty() && series.rounds.back().usage.zygote().huge_kb > 0;
}

// How many steps of work the handler found to be its two milliseconds.
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
  const Application application = two_ms(setup.source, steps.value());
  Status compared = compare_strategies(setup, application, {"inprocess", "fork"}, report);
  if (!compared) return compared;
  const Series& inprocess = series_of(report.series, "inprocess");
  Finding finding =
      compare(series_of(report.series, "fork"), inprocess, {Measure::kLatency, 50, 1.05});
  const Distribution handler(pooled(inprocess.samples(Pace::kBackToBack, Measure::kLatency)));
  if (static_cast<double>(handler.p50()) < 2 * kUsPerMs) {
    finding.measured.reset();
    finding.note = "the handler took " + std::to_string(handler.p50()) +
                   " us, not 2 ms: the machine was slower while it was calibrated";
  }
  report.findings = {std::move(finding)};
  return base::ok_status();
}

}  // namespace phork::bench
