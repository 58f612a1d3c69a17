// SPDX-License-Identifier: MIT
//
// Ratios that a run gave once, kept in a file of the project, so that a later run can tell whether
// something grew slower. Only ratios of figures that were measured by turns: they hold on another
// machine, roughly, where times do not. The verdict is therefore a coarse one: a ratio is missed
// when all of its 95 % interval lies above `kRecordedSlack` times what was recorded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/statistics.h"
#include "bench/report/report.h"
#include "runtime/base/result.h"

namespace phork::bench {

inline constexpr double kRecordedSlack = 1.5;

struct NamedRatio {
  std::string name;  // "symfony: fork latency p50 / inprocess"
  double ratio = 0;
  Interval interval;  // 95 %; not kept in the file
};

struct RecordedRatios {
  std::string date;     // 2026-11-20
  std::string machine;  // for people
  std::vector<NamedRatio> ratios;
};

// kInvalid says what is wrong with the text, kSystem why the file cannot be read.
base::Result<RecordedRatios> read_recorded_ratios(const std::string& path);
base::Result<RecordedRatios> parse_recorded_ratios(std::string_view json);
std::string to_json(const RecordedRatios& recorded);

// One finding for each measured ratio; skipped where nothing was recorded under its name.
std::vector<Finding> compare_with_recorded(const std::vector<NamedRatio>& measured,
                                           const RecordedRatios& recorded);

}  // namespace phork::bench
