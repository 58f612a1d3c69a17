// SPDX-License-Identifier: MIT
//
// The strategies that a runtime offers, as `bootstrap --list-strategies` prints them, and those of
// them that a person chose.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::audit {

struct StrategyName {
  char letter = '?';
  std::string name;
  bool isolates = false;  // promises that no state survives an event
};

// Runs `program --list-strategies` and waits for it, at most ten seconds. kInvalid when the program
// does not exit with 0, as one that does not know the flag.
base::Result<std::vector<StrategyName>> offered_strategies(const std::string& program);

// Reads lines such as "D fork isolated".
base::Result<std::vector<StrategyName>> read_strategies(std::string_view text);

// `words` is "all", or names and letters in any case with commas between them. Keeps the order of
// the runtime, each strategy once. kInvalid for a word that names none of them.
base::Result<std::vector<StrategyName>> choose_strategies(const std::vector<StrategyName>& offered,
                                                          std::string_view words);

}  // namespace phork::audit
