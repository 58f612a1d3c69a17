// SPDX-License-Identifier: MIT
#include "audit/report.h"

#include <algorithm>

namespace phork::audit {
namespace {

bool leaks(const StrategyReport& report) {
  const bool by_application = report.application && !report.application->changes.empty();
  return by_application || tally(report.probe).leaked > 0;
}

// That a runtime kept no record of an application that runs is no failure: the probe has spoken.
bool incomplete(const StrategyReport& report) {
  const Tally counts = tally(report.probe);
  if (report.application && !report.application->started) return true;
  return !report.failure.empty() || counts.failed > 0 || counts.tested() + counts.shared == 0;
}

}  // namespace

Tally tally(const ProbeReport& probe) {
  Tally counts;
  for (const KindFinding& entry : probe.kinds) {
    switch (entry.finding.verdict) {
      case Verdict::kClean:
        ++counts.clean;
        break;
      case Verdict::kLeak:
        ++counts.leaked;
        break;
      case Verdict::kKept:
        ++counts.kept;
        break;
      case Verdict::kShared:
        ++counts.shared;
        break;
      case Verdict::kUnavailable:
        ++counts.unavailable;
        break;
      case Verdict::kFailed:
        ++counts.failed;
        break;
      case Verdict::kUntested:
        ++counts.untested;
        break;
    }
  }
  return counts;
}

Outcome outcome(const AuditReport& report) {
  Outcome outcome = Outcome::kNoLeak;
  for (const StrategyReport& strategy : report.strategies) {
    if (!strategy.counts()) continue;
    if (leaks(strategy)) return Outcome::kLeak;
    if (incomplete(strategy)) outcome = Outcome::kIncomplete;
  }
  return outcome;
}

}  // namespace phork::audit
