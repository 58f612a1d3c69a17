// SPDX-License-Identifier: MIT
//
// The report of one function as a page for people: one HTML file without a script and without
// anything from outside. It follows the reader's light or dark scheme and can be printed. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"

namespace phork::bench {

std::string to_html(const FunctionReport& report);

}  // namespace phork::bench
