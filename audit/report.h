// SPDX-License-Identifier: MIT
//
// What an audit found, strategy by strategy, and what follows from it. Plain values; how they are
// printed is in report_table.h, report_text.h and report_json.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/application.h"
#include "audit/probe_run.h"
#include "audit/strategy_list.h"

namespace phork::audit {

struct StrategyReport {
  StrategyName strategy;
  bool named = false;     // asked for by name
  std::string failure{};  // why the probe could not be asked at all; empty when it was
  ProbeReport probe{};
  std::optional<ApplicationReport> application{};  // none when the probe is all there is

  // A leak here is a broken promise, or what was asked about.
  bool counts() const { return named || strategy.isolates; }
};

struct AuditReport {
  std::string directory;  // of the user's application
  std::vector<StrategyReport> strategies;
};

// How many kinds of state got each verdict.
struct Tally {
  std::size_t clean = 0;
  std::size_t leaked = 0;
  std::size_t kept = 0;
  std::size_t shared = 0;
  std::size_t unavailable = 0;
  std::size_t failed = 0;
  std::size_t untested = 0;

  std::size_t tested() const { return clean + leaked + kept; }
};

Tally tally(const ProbeReport& probe);

enum class Outcome : std::uint8_t {
  kNoLeak,
  kLeak,
  kIncomplete,  // no leak, but not every question was answered
};

// Over the strategies that count.
Outcome outcome(const AuditReport& report);

}  // namespace phork::audit
