// SPDX-License-Identifier: MIT
//
// The report for programs: every figure of the text, and of each distribution the percentiles over
// all samples and the median of each round. Times in microseconds. Pure.
#pragma once

#include <string>

#include "bench/report.h"

namespace phork::bench {

std::string to_json(const Report& report);

}  // namespace phork::bench
