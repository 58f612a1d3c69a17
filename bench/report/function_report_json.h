// SPDX-License-Identifier: MIT
//
// The report of one function for programs: every figure of the text and the page, of each
// distribution the percentiles over all samples and the median of each round. Times in
// microseconds. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"

namespace phork::bench {

std::string to_json(const FunctionReport& report);

}  // namespace phork::bench
