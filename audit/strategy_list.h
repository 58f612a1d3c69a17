// SPDX-License-Identifier: MIT
//
// The strategies that a runtime offers, as `bootstrap --list-strategies` prints them, and which of
// them a person chose. Pure.
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

// Lines of "D fork isolated".
base::Result<std::vector<StrategyName>> read_strategies(std::string_view text);

// `words`: "all", or names and letters with commas between them, in any case. In the order of the
// runtime, each once. kInvalid for a word that names none.
base::Result<std::vector<StrategyName>> choose_strategies(const std::vector<StrategyName>& offered,
                                                          std::string_view words);

}  // namespace phork::audit
