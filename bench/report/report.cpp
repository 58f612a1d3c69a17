// SPDX-License-Identifier: MIT
#include "bench/report/report.h"

#include <algorithm>

namespace phork::bench {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMet:
      return "met";
    case Verdict::kMissed:
      return "missed";
    case Verdict::kSkipped:
      return "skipped";
  }
  return "";
}

Verdict Finding::verdict() const {
  if (!measured) return Verdict::kSkipped;
  return *measured <= limit ? Verdict::kMet : Verdict::kMissed;
}

bool Report::good() const {
  return std::ranges::none_of(scenarios, [](const ScenarioReport& scenario) {
    return !scenario.failure.empty() ||
           std::ranges::any_of(scenario.findings, [](const Finding& finding) {
             return finding.verdict() == Verdict::kMissed;
           });
  });
}

}  // namespace phork::bench
