// SPDX-License-Identifier: MIT
//
// Findings about series that were measured by turns: how one strategy does beside another, and what
// it costs by itself. All are taken from events sent back to back; the text and the JSON have the
// spaced ones too. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/sampling.h"
#include "bench/report/report.h"

namespace phork::bench {

// The series of that label; there must be one.
const Series& series_of(const std::vector<Series>& all, std::string_view label);

struct Comparison {
  Measure measure = Measure::kLatency;
  double percent = 50;
  double limit = 0;
};

// "fork latency p50 / inprocess <= limit".
Finding compare(const Series& of, const Series& to, const Comparison& comparison);

// "fork minor faults p50 <= limit"; skipped where the runtime did not report it. `per_unit` of what
// was measured are one `unit`.
Finding judge(const Series& of, Measure measure, double limit, const std::string& unit,
              double per_unit);

// One sentence for each series whose answer to the event is another than the first one's. Bodies
// may well differ (a time, a token): it is for people to judge.
std::vector<std::string> differences(const std::vector<Series>& all);

}  // namespace phork::bench
