// SPDX-License-Identifier: MIT
//
// Everything that `phork bench` found out about one function, as plain values: those who measure
// fill it, those who print read it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/cost/cost.h"
#include "bench/cost/simulation.h"
#include "bench/measure/load_tool.h"
#include "bench/measure/machine.h"
#include "bench/measure/sampling.h"
#include "bench/report/function_figures.h"
#include "bench/report/recommendation.h"

namespace phork::bench {

// What it promises about an event and the one before.
enum class Slate {
  kBlank,
  kPhpFpm,  // what php-fpm resets, which is not all
  kShared,
  kUnknown
};

struct SubjectReport {
  std::string label;
  std::string letter{};   // of a strategy
  std::string command{};  // of --against
  Slate slate = Slate::kUnknown;
  bool ours = false;
  bool experimental = false;
  std::string missing{};  // why it was not measured; the rest is empty then
  bool failed = false;    // because it did not serve the event
  Series series{};
  SubjectFigures figures{};
  std::optional<LoadResult> ab{};

  bool measured() const { return missing.empty(); }
};

struct DayReport {
  ArrivalPlan arrivals;
  std::vector<DayResult> days;  // one for each subject that was measured
};

struct FunctionReport {
  std::string task_root{};
  std::string handler{};
  std::string event{};  // in words: "GET /", or the name of a file
  std::string date{};   // YYYY-MM-DD
  unsigned memory_mb = 0;
  unsigned concurrency = 1;
  double seconds = 0;     // that it took
  std::string runtime{};  // "php-worker 0.1.0 (PHP 8.2.35)"
  Machine machine{};
  Effort effort{};
  std::vector<SubjectReport> subjects{};
  std::vector<std::string> remarks{};  // about the answers
  CostTable cost{};
  SimulationOptions simulation{};
  std::vector<DayReport> arrivals{};
  SharingAudit audit{};
  Recommendation recommendation{};

  // Those that were measured, in the order of the report.
  std::vector<const SubjectReport*> measured() const;

  // A million events of it at `memory_mb`; nullptr where it has no price or not enough memory.
  const MillionEvents* price_of(const std::string& label) const;

  // The last part of the application's path.
  std::string title() const;
};

}  // namespace phork::bench
