// SPDX-License-Identifier: MIT
//
// Reports for tests: a strategy and its kinds, each with a verdict.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "audit/report.h"

namespace phork::audit::testing {

inline KindFinding kind_with(const std::string& name, Verdict verdict,
                             const std::string& group = "php") {
  KindFinding entry{{name, group, "a " + name}, {}};
  entry.finding.verdict = verdict;
  if (verdict == Verdict::kClean || verdict == Verdict::kLeak) {
    entry.finding.before = "null";
    entry.finding.planted = "\"planted\"";
    entry.finding.found = verdict == Verdict::kLeak ? "\"planted\"" : "null";
  } else {
    entry.finding.reason = "because";
  }
  return entry;
}

inline StrategyReport strategy_with(StrategyName strategy, std::vector<KindFinding> kinds) {
  StrategyReport report{std::move(strategy)};
  report.probe = {{"8.2.1", "phork"}, std::move(kinds)};
  return report;
}

inline const StrategyName kFork{'D', "fork", true};
inline const StrategyName kFpm{'E', "fpm", true};
inline const StrategyName kInprocess{'A', "inprocess", false};

}  // namespace phork::audit::testing
