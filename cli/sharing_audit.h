// SPDX-License-Identifier: MIT
//
// What `phork audit` says about the one strategy that shares a process, for one function and one
// event: the part that a recommendation hangs on. Waits; request_stop() of its caller's signals
// makes it return.
#pragma once

#include <functional>
#include <string>

#include "bench/report/recommendation.h"
#include "cli/stop_signals.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::cli {

struct SharingPlan {
  emulator::FunctionConfig function;
  std::string payload;  // of each event
  char letter = 'A';    // of the strategy
  std::string strategy;
};

// That it could not be done is an outcome, not an Error; kStopped is one.
base::Result<bench::SharingAudit> audit_sharing(const SharingPlan& plan, StopSignals& signals,
                                                const std::function<void(const std::string&)>& say);

}  // namespace phork::cli
