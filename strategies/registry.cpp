// SPDX-License-Identifier: MIT
#include "strategies/registry.h"

#include <algorithm>
#include <array>

#include "runtime/base/text.h"
#include "strategies/exec.h"
#include "strategies/fork.h"
#include "strategies/fpm.h"
#include "strategies/inprocess.h"
#include "strategies/prespawn.h"
#include "strategies/rollback.h"

namespace phork::strategies {
namespace {

constexpr std::array kStrategies{
    StrategyEntry{.letter = 'A',
                  .name = "inprocess",
                  .isolates = false,
                  .streams = true,
                  .in_place = true,
                  .summary = "one process boots once and serves every event",
                  .make = make_inprocess},
    StrategyEntry{.letter = 'B',
                  .name = "exec",
                  .isolates = true,
                  .streams = true,
                  .in_place = false,
                  .summary = "a PHP process is started inside each event",
                  .make = make_exec},
    StrategyEntry{.letter = 'C',
                  .name = "prespawn",
                  .isolates = true,
                  .streams = true,
                  .in_place = false,
                  .summary = "a PHP process is booted before each event",
                  .make = make_prespawn},
    StrategyEntry{.letter = 'D',
                  .name = "fork",
                  .isolates = true,
                  .streams = true,
                  .in_place = false,
                  .summary = "a fork of a booted process serves each event",
                  .make = make_fork},
    StrategyEntry{.letter = 'E',
                  .name = "fpm",
                  .isolates = true,
                  .streams = false,
                  .in_place = false,
                  .summary = "php-fpm serves each event, and resets what it always resets",
                  .make = make_fpm},
    StrategyEntry{.letter = 'F',
                  .name = "rollback",
                  .isolates = true,
                  .streams = true,
                  .in_place = false,
                  .summary = "experimental: one process, its memory is put back after each event",
                  .make = make_rollback},
};

bool matches(const StrategyEntry& entry, std::string_view word) {
  return base::equal_in_any_case(word, {&entry.letter, 1}) ||
         base::equal_in_any_case(word, entry.name);
}

}  // namespace

std::span<const StrategyEntry> all_strategies() {
  return kStrategies;
}

base::Result<const StrategyEntry*> find_strategy(std::string_view word) {
  const auto* found = std::ranges::find_if(
      kStrategies, [word](const StrategyEntry& entry) { return matches(entry, word); });
  if (found != kStrategies.end()) return found;
  std::string names;
  for (const StrategyEntry& entry : kStrategies) {
    names.append(names.empty() ? "" : ", ").append(entry.name).append(" (").append(1, entry.letter);
    names.push_back(')');
  }
  return base::Error{
      base::ErrorKind::kInvalid,
      "strategies: unknown strategy '" + std::string(word) + "': expected one of " + names};
}

}  // namespace phork::strategies
