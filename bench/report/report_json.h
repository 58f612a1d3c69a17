// SPDX-License-Identifier: MIT
//
// The report for programs: every figure of the text, and of each distribution the percentiles over
// all samples and the median of each round. Times in microseconds. Pure.
#pragma once

#include <string>

#include "bench/report/report.h"
#include "runtime/base/json_writer.h"

namespace phork::bench {

std::string to_json(const Report& report);

// Parts that other reports have, too; each is a JSON value.
void write_machine(base::JsonWriter& json, const Machine& machine);
void write_distribution(base::JsonWriter& json, const Rounds& rounds);
// The measures of a series' events; one that its runtime did not report is left out.
void write_pace(base::JsonWriter& json, const Series& series, Pace pace);

}  // namespace phork::bench
