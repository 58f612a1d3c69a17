// SPDX-License-Identifier: MIT
//
// Programs of others that packaging runs.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

// The path of the first of `names` that PATH has. kInvalid, with Debian's package, when it has
// none.
base::Result<std::string> require_program(const std::vector<std::string>& names,
                                          const std::string& package);

}  // namespace phork::packaging
