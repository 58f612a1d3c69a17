// SPDX-License-Identifier: MIT
//
// Programs of others that packaging runs.
#pragma once

#include <string>

#include "runtime/base/result.h"

namespace phork::packaging {

// The path of the program `name` in PATH. kInvalid, with Debian's package, when it is not there.
base::Result<std::string> find_program(const std::string& name, const std::string& package);

}  // namespace phork::packaging
