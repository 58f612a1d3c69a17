// SPDX-License-Identifier: MIT
//
// The one list of strategies: their names for flags, help texts and tables, and what each is made
// of. docs/choosing-a-strategy.md explains them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "strategies/strategy.h"

namespace phork::strategies {

// The processes that serve, and who asks Lambda for events: under all but kServed php-worker, which
// then has an event register that the supervisor watches (runtime/slot).
enum class Workers : std::uint8_t {
  kLooping,     // one program per slot, which serves one event after another
  kGiven,       // a program for each event, started when the supervisor has got one
  kPrespawned,  // a program for each event, booted before
  kForked,      // a child of a zygote for each event
  kRolledBack,  // a child of a zygote, which puts its memory back after each event
  kServed,      // other processes, to which a thread per slot brings events (strategy.h)
};

struct StrategyEntry {
  char letter;
  std::string_view name;
  // No state survives from one event to the next; under fpm, none but what php-fpm never resets
  // (docs/isolation.md).
  bool isolates;
  bool streams;  // can send an answer while PHP produces it
  std::string_view summary;
  Workers workers;
};

std::span<const StrategyEntry> all_strategies();

// By name or letter, in any case. The error lists the names.
base::Result<const StrategyEntry*> find_strategy(std::string_view word);

// Of a strategy whose workers are kServed.
std::unique_ptr<Strategy> make_strategy(const Settings& settings);

}  // namespace phork::strategies
