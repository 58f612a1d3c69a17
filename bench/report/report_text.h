// SPDX-License-Identifier: MIT
//
// Both reports as text for a terminal. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"
#include "bench/report/suite_report.h"

namespace phork::bench {

// For each scenario its measurements; then all targets in one table with their verdicts.
std::string to_text(const SuiteReport& report);

// At most 100 columns: measurements, costs, and the recommendation with its reasons.
std::string to_text(const FunctionReport& report);

}  // namespace phork::bench
