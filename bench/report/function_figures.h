// SPDX-License-Identifier: MIT
//
// What is said of one subject once all of its rounds are measured: percentiles, and medians of what
// is one number a round, each with the interval that holds it with 95 % confidence. Times in
// microseconds. Pure; what the subject did not report is empty.
#pragma once

#include <cstddef>
#include <optional>

#include "bench/cost/cost.h"
#include "bench/measure/sampling.h"
#include "bench/measure/statistics.h"

namespace phork::bench {

struct Estimate {
  double value = 0;
  Interval interval{};  // 95 %
};

struct TimeFigures {
  std::size_t count = 0;  // of events
  Estimate p50{};
  Estimate p90{};
  Estimate p99{};
};

// Both times of the events of one pace.
struct PaceFigures {
  TimeFigures latency{};
  std::optional<TimeFigures> billed{};
};

struct SubjectFigures {
  PaceFigures back_to_back{};
  PaceFigures spaced{};
  std::size_t cold_starts = 0;  // how many
  Estimate init_us{};           // process started -> ready for an event
  Estimate cold_start_us{};     // process started -> its first answer, which is what a caller waits
  std::optional<Estimate> events_per_second{};
  double memory_kb = 0;                      // PSS of all its processes, the most of all rounds
  std::optional<double> faults_per_event{};  // minor, median
  std::optional<double> cpu_us_per_event{};  // of all its processes, median over the rounds
};

SubjectFigures figures_of(const Series& series);

// Process started -> first answer, of each round.
Samples cold_starts_with_event_us(const Series& series);

// What the cost model asks about a subject: of the spaced events, as those are what a caller sees.
// Empty for one that is not billed.
std::optional<StrategyProfile> profile_of(const Series& series);

}  // namespace phork::bench
