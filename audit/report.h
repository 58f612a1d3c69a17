// SPDX-License-Identifier: MIT
//
// The findings of an audit, strategy by strategy, and its outcome. report_table.h and report_text.h
// print them for people, to_json() for programs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/application_record.h"
#include "audit/probe_run.h"
#include "audit/strategy_list.h"

namespace phork::audit {

struct StrategyReport {
  StrategyName strategy;
  bool named = false;     // the person asked for this strategy by name
  std::string failure{};  // why the probe could not be asked; empty when it was
  ProbeReport probe{};
  std::optional<ApplicationReport> application{};  // none when only the probe was audited

  // Leaks count where they break the strategy's promise, or the person asked about the strategy.
  bool counts() const { return named || strategy.isolates; }
};

struct AuditReport {
  std::string directory;  // of the user's application
  std::vector<StrategyReport> strategies;
};

// The number of kinds with each verdict.
struct Tally {
  std::array<std::size_t, kVerdicts> counts{};

  std::size_t operator[](Verdict verdict) const {
    return counts[static_cast<std::size_t>(verdict)];
  }

  std::size_t tested() const {
    return (*this)[Verdict::kClean] + (*this)[Verdict::kLeak] + (*this)[Verdict::kKept];
  }
};

Tally tally(const ProbeReport& probe);

enum class Outcome : std::uint8_t {
  kNoLeak,
  kLeak,
  kIncomplete,  // no leak was found, but not every question was answered
};

// Judges only the strategies that count.
Outcome outcome(const AuditReport& report);

// One JSON object with everything that was found, nothing shortened.
std::string to_json(const AuditReport& report);

}  // namespace phork::audit
