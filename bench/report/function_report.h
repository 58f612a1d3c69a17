// SPDX-License-Identifier: MIT
//
// The result of `phork bench` for one function as plain values: suites/function_bench fills it,
// report_text, report_json and report_html print it. Times are in microseconds. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/cost/cost.h"
#include "bench/cost/simulation.h"
#include "bench/measure/load_tool.h"
#include "bench/measure/machine.h"
#include "bench/measure/sampling.h"
#include "bench/measure/statistics.h"
#include "bench/report/recommendation.h"

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

// The times of events of one pace.
struct PaceFigures {
  TimeFigures latency{};
  std::optional<TimeFigures> billed{};
};

// The figures of one subject over all rounds: percentiles of events, and medians of figures that
// each round has once. Figures that the subject did not report are empty.
struct SubjectFigures {
  PaceFigures back_to_back{};
  PaceFigures spaced{};
  std::size_t cold_starts = 0;  // how many
  Estimate init_us{};           // process started -> ready for an event
  Estimate cold_start_us{};     // process started -> its first answer, as a caller waits for it
  std::optional<Estimate> events_per_second{};
  double memory_kb = 0;                      // PSS of all its processes, highest of all rounds
  std::optional<double> faults_per_event{};  // minor faults, median
  std::optional<double> cpu_us_per_event{};  // of all its processes, median over the rounds
};

SubjectFigures figures_of(const Series& series);

// Process started -> first answer, of each round.
Samples cold_starts_with_event_us(const Series& series);

// The input of the cost model, from the spaced events, as these are what a caller sees. Empty for a
// subject that is not billed.
std::optional<StrategyProfile> profile_of(const Series& series);

// The PHP state that a subject keeps from one event to the next.
enum class Slate {
  kBlank,   // none
  kPhpFpm,  // what php-fpm does not reset
  kShared,
  kUnknown
};

struct SubjectReport {
  std::string label;
  std::string letter{};   // of a strategy
  std::string command{};  // of --against
  Slate slate = Slate::kUnknown;
  bool ours = false;
  std::string missing{};  // why it was not measured; all that follows is empty then
  bool failed = false;    // it did not serve the event
  Series series{};
  SubjectFigures figures{};
  std::optional<LoadResult> ab{};

  bool measured() const { return missing.empty(); }
};

struct DayReport {
  ArrivalPlan arrivals;
  std::vector<DayResult> days;  // one for each measured subject
};

struct FunctionReport {
  std::string task_root{};
  std::string handler{};
  std::string event{};  // "GET /", or the name of a file
  std::string date{};   // YYYY-MM-DD
  unsigned memory_mb = 0;
  unsigned concurrency = 1;
  double seconds = 0;     // how long the bench took
  std::string runtime{};  // "php-worker 0.1.0 (PHP 8.2.35)"
  Machine machine{};
  Effort effort{};
  std::vector<SubjectReport> subjects{};
  std::vector<std::string> remarks{};  // on differing answers
  CostTable cost{};
  SimulationOptions simulation{};
  std::vector<DayReport> arrivals{};
  SharingAudit audit{};
  Recommendation recommendation{};

  // The subjects that were measured, in the order of the report.
  std::vector<const SubjectReport*> measured() const;

  // A million events of that subject at `memory_mb`; nullptr without a price or with too little
  // memory.
  const MillionEvents* price_of(const std::string& label) const;

  // The last part of the application's path.
  std::string title() const;
};

}  // namespace phork::bench
