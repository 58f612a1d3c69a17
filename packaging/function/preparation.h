// SPDX-License-Identifier: MIT
//
// Makes a copy of an application ready to run from a read-only folder: Composer's packages without
// those of development, an optimised autoloader, and the caches of its framework.
#pragma once

#include <string>
#include <vector>

#include "packaging/function/task_folder.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// `environment` are variables of the function, NAME=VALUE. Returns what was done, a few words each.
base::Result<std::vector<std::string>> prepare(const TaskFolder& folder,
                                               const std::vector<std::string>& environment);

}  // namespace phork::packaging
