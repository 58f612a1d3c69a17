// SPDX-License-Identifier: MIT
//
// Makes a copy of an application ready to run from a read-only folder: Composer's packages without
// those of development, an optimised autoloader, and the caches of its framework.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "packaging/function/task_folder.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// `folder` is a copy of `application`, whose auth.json Composer may read. `environment` are
// variables of the function, NAME=VALUE. Returns what was done, a few words each.
base::Result<std::vector<std::string>> prepare(const TaskFolder& folder,
                                               const std::filesystem::path& application,
                                               const std::vector<std::string>& environment);

// Laravel's cache of routes gives each route without a name one of 16 random characters behind
// "generated::" (Illuminate/Routing/AbstractRouteCollection.php). The same text with numbers in
// their place, in the order of their first appearance.
std::string number_route_names(std::string_view routes);

}  // namespace phork::packaging
