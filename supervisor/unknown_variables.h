// SPDX-License-Identifier: MIT
//
// Variables of the environment that look like settings of phork and are none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace phork::supervisor {

// A line for each of `variables` ("NAME=VALUE") whose name is nearly that of a setting: it has no
// effect, and nobody would notice. Names that are not near one belong to the application.
std::vector<std::string> advice_on_variables(const std::vector<std::string_view>& variables);

// Logs that for the environment of this process, as warnings.
void warn_of_unknown_variables();

}  // namespace phork::supervisor
