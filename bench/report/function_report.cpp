// SPDX-License-Identifier: MIT
#include "bench/report/function_report.h"

#include <algorithm>
#include <cmath>

namespace phork::bench {
namespace {

Estimate estimate(const Rounds& rounds, double percent) {
  return {static_cast<double>(pooled_percentile(rounds, percent)),
          percentile_interval(rounds, percent)};
}

TimeFigures times_of(const Rounds& rounds) {
  return {pooled(rounds).size(), estimate(rounds, 50), estimate(rounds, 90), estimate(rounds, 99)};
}

PaceFigures pace_of(const Series& series, Pace pace) {
  PaceFigures figures{times_of(series.samples(pace, Measure::kLatency)), std::nullopt};
  TimeFigures billed = times_of(series.samples(pace, Measure::kBilled));
  if (billed.count > 0) figures.billed = billed;
  return figures;
}

Estimate median_of(const std::vector<double>& values) {
  return {median(values), median_interval(values)};
}

std::vector<double> as_numbers(const Samples& samples) {
  return {samples.begin(), samples.end()};
}

std::optional<double> median_if_any(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return median(values);
}

// Within the event, if the runtime counts them; else of the process tree, including work after it.
std::optional<double> faults_of(const Series& series) {
  const Samples within = pooled(series.samples(Pace::kBackToBack, Measure::kFaults));
  if (!within.empty()) return static_cast<double>(percentile(within, 50));
  return median_if_any(series.figures(Figure::kTreeFaults));
}

double highest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::ranges::max_element(values);
}

}  // namespace

Samples cold_starts_with_event_us(const Series& series) {
  Samples all;
  for (const Round& round : series.rounds) {
    all.push_back(round.cold_start_us + round.first_event_us);
  }
  return all;
}

SubjectFigures figures_of(const Series& series) {
  SubjectFigures figures;
  figures.back_to_back = pace_of(series, Pace::kBackToBack);
  figures.spaced = pace_of(series, Pace::kSpaced);
  figures.cold_starts = series.rounds.size();
  figures.init_us = median_of(series.figures(Figure::kColdStart));
  figures.cold_start_us = median_of(as_numbers(cold_starts_with_event_us(series)));
  if (const auto rates = series.figures(Figure::kThroughput); !rates.empty()) {
    figures.events_per_second = median_of(rates);
  }
  figures.memory_kb = highest(series.figures(Figure::kMemory));
  figures.faults_per_event = faults_of(series);
  figures.cpu_us_per_event = median_if_any(series.figures(Figure::kCpu));
  return figures;
}

std::optional<StrategyProfile> profile_of(const Series& series) {
  StrategyProfile profile;
  profile.label = series.label;
  profile.cold_starts_us = series.cold_starts_us();
  for (const Round& round : series.rounds) {
    for (const EventSample& event : round.spaced) {
      if (event.billed_us) profile.events.push_back({event.latency_us, *event.billed_us});
    }
  }
  if (profile.events.empty()) return std::nullopt;
  const std::vector<double> cpu = series.figures(Figure::kCpu);
  profile.cpu_us_per_event = std::llround(median(cpu));
  profile.peak_memory_kb = std::llround(highest(series.figures(Figure::kMemory)));
  return profile;
}

std::vector<const SubjectReport*> FunctionReport::measured() const {
  std::vector<const SubjectReport*> all;
  for (const SubjectReport& subject : subjects) {
    if (subject.measured()) all.push_back(&subject);
  }
  return all;
}

const MillionEvents* FunctionReport::price_of(const std::string& label) const {
  const auto row = std::ranges::find(cost.rows, label, &CostRow::label);
  if (row == cost.rows.end()) return nullptr;
  const auto size = std::ranges::find(row->sizes, memory_mb, &MillionEvents::memory_mb);
  return size == row->sizes.end() || size->too_small ? nullptr : &*size;
}

std::string FunctionReport::title() const {
  const std::size_t slash = task_root.rfind('/');
  return slash == std::string::npos ? task_root : task_root.substr(slash + 1);
}

}  // namespace phork::bench
