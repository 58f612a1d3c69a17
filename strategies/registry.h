// SPDX-License-Identifier: MIT
//
// The one list of strategies: their names for flags, help texts and tables. A new strategy gets its
// own header in this folder and an entry in registry.cpp.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "strategies/strategy.h"

namespace phork::strategies {

struct StrategyEntry {
  char letter;
  std::string_view name;
  // No state survives from one event to the next; under fpm, none but what php-fpm never resets
  // (docs/isolation.md).
  bool isolates;
  bool streams;   // can send an answer while PHP produces it
  bool in_place;  // php-worker replaces bootstrap and talks to the Runtime API itself
  std::string_view summary;
  std::unique_ptr<Strategy> (*make)(const Settings& settings);
};

std::span<const StrategyEntry> all_strategies();

// By name or letter, in any case. The error lists the names.
base::Result<const StrategyEntry*> find_strategy(std::string_view word);

}  // namespace phork::strategies
