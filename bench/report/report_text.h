// SPDX-License-Identifier: MIT
//
// The report for people: for each scenario what was measured, at the end all targets in one table
// with a verdict each. Pure.
#pragma once

#include <string>

#include "bench/report/report.h"

namespace phork::bench {

std::string to_text(const Report& report);

}  // namespace phork::bench
