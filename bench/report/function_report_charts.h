// SPDX-License-Identifier: MIT
//
// The figures of the page about one function, each with the table of what it shows. Markup; empty
// where nothing was measured that it could show. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "bench/report/function_report.h"

namespace phork::bench {

// Each subject has one colour on the whole page: a strategy its own, others what is left.
std::size_t colour_of(const FunctionReport& report, const SubjectReport& subject);

std::string distribution_chart(const FunctionReport& report);
std::string billed_chart(const FunctionReport& report);
std::string cold_start_chart(const FunctionReport& report);
std::string cost_chart(const FunctionReport& report);
std::string rate_chart(const FunctionReport& report);
// What a day costs and how many of its callers meet a cold start.
std::string arrivals_charts(const FunctionReport& report);

}  // namespace phork::bench
