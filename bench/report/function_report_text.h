// SPDX-License-Identifier: MIT
//
// The report of one function for a terminal of 100 columns: what was measured as a table, what it
// costs, and at the end which strategy to use and why. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"

namespace phork::bench {

std::string to_text(const FunctionReport& report);

}  // namespace phork::bench
