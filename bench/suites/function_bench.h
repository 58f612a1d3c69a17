// SPDX-License-Identifier: MIT
//
// `phork bench`: measures one function under several strategies and other runtimes by turns,
// computes prices, and simulates days of arrivals. A subject that cannot serve the event is left
// out with a reason; if none can, that is an Error. Waits; one run at a time.
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
  emulator::FunctionConfig function;  // its program is bootstrap, with php-worker beside it
  std::string payload;                // of each event
  std::string event;                  // its description for the report
  std::vector<StrategyChoice> strategies{};
  std::vector<std::string> against{};    // NAME=COMMAND
  std::vector<std::string> baselines{};  // names
  std::vector<ArrivalPlan> arrivals{};
  Prices prices{};
  std::string ab{};    // path of the program; empty: do not run it
  std::string path{};  // that ab requests
};

// The report without audit and recommendation. kInvalid: the plan is wrong; kRefused: the function
// serves the event under no subject; kStopped.
base::Result<FunctionReport> bench_function(const FunctionPlan& plan, const Run& run);

// Completes the report: adds the audit and the recommendation that follows from both.
void conclude(FunctionReport& report, SharingAudit audit);

}  // namespace phork::bench
