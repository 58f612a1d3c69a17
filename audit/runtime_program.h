// SPDX-License-Identifier: MIT
//
// What the runtime's own program says about itself when it is run with a flag. Waits for it, but
// not forever.
#pragma once

#include <string>
#include <vector>

#include "audit/strategy_list.h"
#include "runtime/base/result.h"

namespace phork::audit {

// Those of `program --list-strategies`. kInvalid when it does not know that flag.
base::Result<std::vector<StrategyName>> offered_strategies(const std::string& program);

}  // namespace phork::audit
