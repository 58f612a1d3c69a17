// SPDX-License-Identifier: MIT
//
// The result of phork-bench as plain values: series of samples, tables of figures, and findings,
// each a target and what was measured. The scenarios fill it, report_text and report_json print it.
// A target that could not be measured counts as skipped, not as met. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/machine.h"
#include "bench/measure/sampling.h"

namespace phork::bench {

enum class Verdict { kMet, kMissed, kSkipped };

std::string_view name_of(Verdict verdict);

// Targets are upper bounds.
struct Finding {
  std::string target;  // "fork latency p50 / inprocess"
  std::string unit;    // "x" for ratios
  double limit = 0;
  std::optional<double> measured{};
  std::string note{};  // the precision of the figure; the reason where it was not measured

  Verdict verdict() const;
};

// Figures that are not samples of events.
struct Table {
  std::string title;
  std::vector<std::string> columns;

  struct Row {
    std::string label;
    std::vector<double> values;
  };

  std::vector<Row> rows;
};

struct ScenarioReport {
  std::string name;
  std::string title;
  std::vector<Series> series{};
  std::vector<Table> tables{};
  std::vector<Finding> findings{};
  std::string skipped{};  // the reason, if the scenario did not run
  std::string failure{};  // the reason, if it could not measure
  std::string figure{};   // SVG
};

struct SuiteReport {
  Machine machine;
  Effort effort;
  std::vector<ScenarioReport> scenarios;

  // No target was missed and no scenario failed.
  bool good() const;
};

// The series of that label, which must exist.
const Series& series_of(const std::vector<Series>& all, std::string_view label);

struct Comparison {
  Measure measure = Measure::kLatency;
  double percent = 50;
  double limit = 0;
  Pace pace = Pace::kBackToBack;
};

// "fork latency p50 / inprocess <= limit".
Finding compare(const Series& of, const Series& to, const Comparison& comparison);

// Adds the comparison of two of the report's series to its findings.
void judge(ScenarioReport& report, const std::string& of, const std::string& to,
           const Comparison& comparison);

// The figures of each round, as a round of one sample.
Rounds rounds_of(const Series& series, Figure figure);

// "fork cold start p50 / inprocess <= limit".
Finding compare_cold_starts(const Series& of, const Series& to, double limit);

// One sentence for each series whose answer differs from that of the first. Bodies may differ for a
// good reason (a time, a token), so this is for people to judge.
std::vector<std::string> differences(const std::vector<Series>& all);

}  // namespace phork::bench
