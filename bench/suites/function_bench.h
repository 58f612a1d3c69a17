// SPDX-License-Identifier: MIT
//
// `phork bench`: one function under several strategies and beside other runtimes, measured by
// turns, with what that costs and what it comes to in a day of arrivals. What cannot serve the
// event is left out and says why; that nothing can is an Error. Waits; one run at a time.
#pragma once

#include <string>
#include <vector>

#include "bench/cost/prices.h"
#include "bench/measure/sampling.h"
#include "bench/report/function_report.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct StrategyChoice {
  char letter = '?';
  std::string name;
  bool isolates = false;
};

struct FunctionPlan {
  emulator::FunctionConfig function;  // its program is bootstrap, beside which php-worker is
  std::string payload;                // of each event
  std::string event;                  // what that is, in words
  std::vector<StrategyChoice> strategies{};
  std::vector<std::string> against{};    // NAME=COMMAND
  std::vector<std::string> baselines{};  // names
  std::vector<ArrivalPlan> arrivals{};
  Prices prices{};
  std::string ab{};    // path of the program; empty: do without
  std::string path{};  // that ab asks for
};

// The strategy that is in the making, and measured only when it is named.
constexpr std::string_view kExperimentalStrategy = "rollback";

// Everything but the audit and the recommendation. kInvalid: the plan cannot be; kRefused: the
// function answers nothing well; kStopped.
base::Result<FunctionReport> bench_function(const FunctionPlan& plan, const Run& run);

// The last part of the report: what follows from it, and from the audit.
void conclude(FunctionReport& report, SharingAudit audit);

}  // namespace phork::bench
