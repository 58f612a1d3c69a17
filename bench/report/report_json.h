// SPDX-License-Identifier: MIT
//
// Both reports as JSON for programs: all figures of the text and of the page, and for each
// distribution percentiles over all samples and the median of each round. Times are in
// microseconds. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"
#include "bench/report/suite_report.h"

namespace phork::bench {

std::string to_json(const SuiteReport& report);
std::string to_json(const FunctionReport& report);

}  // namespace phork::bench
