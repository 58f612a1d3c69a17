// SPDX-License-Identifier: MIT
//
// The figures of the page, each with a table of its values. They return markup, "" where nothing
// was measured that the figure could show. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "bench/figures/html.h"
#include "bench/report/function_report.h"

namespace phork::bench {

// A subject has the same colour on the whole page: each strategy its own, other subjects the rest.
std::size_t colour_of(const FunctionReport& report, const SubjectReport& subject);

// A time in ms, or events a second, with the 95 % interval.
HtmlTable::Cell estimate_cell(const Estimate& estimate);
HtmlTable::Cell rate_cell(const Estimate& rate);

std::string distribution_chart(const FunctionReport& report);
std::string billed_chart(const FunctionReport& report);
std::string cold_start_chart(const FunctionReport& report);
std::string cost_chart(const FunctionReport& report);
std::string rate_chart(const FunctionReport& report);
// For each day of arrivals its price and its cold starts.
std::string arrivals_charts(const FunctionReport& report);

}  // namespace phork::bench
