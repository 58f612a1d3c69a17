// SPDX-License-Identifier: MIT
//
// What came out, as plain values: series of samples, tables of figures, and findings, each a target
// with what was measured. Those who measure fill it, those who print read it; nothing here knows
// either. A target that could not be measured for a stated reason counts as skipped, not as met.
#pragma once

#include <cstdint>
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
  std::string note{};  // how sure the figure is; without one, why not

  Verdict verdict() const;
};

// Figures that are no samples of events.
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
  std::string skipped{};  // why it was not run
  std::string failure{};  // why it could not be measured
  std::string figure{};   // SVG
};

struct Report {
  Machine machine;
  Effort effort;
  std::vector<ScenarioReport> scenarios;

  // No target missed, no scenario failed.
  bool good() const;
};

}  // namespace phork::bench
