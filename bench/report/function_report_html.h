// SPDX-License-Identifier: MIT
//
// The report of one function as a page for people: one HTML file that needs nothing from outside,
// runs no script, follows the reader's light or dark scheme, and can be printed. Pure.
#pragma once

#include <string>

#include "bench/report/function_report.h"

namespace phork::bench {

std::string to_html(const FunctionReport& report);

}  // namespace phork::bench
