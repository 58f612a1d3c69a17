// SPDX-License-Identifier: MIT
//
// Scenario ratios: a short run, compared with the ratios that an earlier run recorded in a file of
// the project, to detect what became slower. Ratios of figures that were measured by turns hold
// roughly on another machine, where times do not. The verdict is therefore coarse: a ratio is
// missed when its whole 95 % interval lies above `kRecordedSlack` times the recorded one. Where the
// machine's plain fork costs more than when it was recorded, ratios of strategy fork may grow by as
// much.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/statistics.h"
#include "bench/report/suite_report.h"
#include "bench/suites/scenario.h"
#include "runtime/base/result.h"

namespace phork::bench {

inline constexpr double kRecordedSlack = 1.5;

// Of the machine, not of phork.
inline constexpr std::string_view kPlainFork = "machine: plain fork / computing";

struct NamedRatio {
  std::string name;  // "symfony: fork latency p50 / inprocess"
  double ratio = 0;
  Interval interval{};  // 95 %; not kept in the file
};

struct RecordedRatios {
  std::string date;     // 2026-11-20
  std::string machine;  // for people
  std::vector<NamedRatio> ratios;
};

// kInvalid states what was expected, kSystem why the file cannot be read.
base::Result<RecordedRatios> read_recorded_ratios(const std::string& path);

// The file as text, with a line for each ratio, so that a diff shows what a change did to them.
std::string to_json(const RecordedRatios& recorded);

// One finding for each measured ratio; skipped where none is recorded under its name.
std::vector<Finding> compare_with_recorded(const std::vector<NamedRatio>& measured,
                                           const RecordedRatios& recorded);

// Not one of scenarios(): it compares with an earlier run instead of targets.
extern const Scenario kRatios;

}  // namespace phork::bench
