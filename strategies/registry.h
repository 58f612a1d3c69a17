// SPDX-License-Identifier: MIT
//
// The one list of strategies: their names for flags, help texts and tables.
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
  bool isolates;  // no state survives from one event to the next
  bool streams;   // an answer can leave while it is made
  bool in_place;  // php-worker takes the place of bootstrap, and speaks the Runtime API itself
  std::string_view summary;
  std::unique_ptr<Strategy> (*make)(const Settings& settings);
};

std::span<const StrategyEntry> all_strategies();

// By name or letter, in any case. An error lists the names.
base::Result<const StrategyEntry*> find_strategy(std::string_view word);

}  // namespace phork::strategies
