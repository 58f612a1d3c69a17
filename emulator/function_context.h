// SPDX-License-Identifier: MIT
//
// What the environments of one function share: the function, where its events come from, and who is
// told. All of it outlives them. Each part guards itself, but for the function, which is constant.
#pragma once

#include "emulator/activity.h"
#include "emulator/dispatcher.h"
#include "emulator/fault_plan.h"
#include "emulator/function_config.h"
#include "emulator/log_lines.h"
#include "emulator/log_sink.h"
#include "emulator/sandboxes.h"
#include "emulator/statistics.h"

namespace phork::emulator {

struct FunctionContext {
  const FunctionConfig& config;
  Dispatcher& dispatcher;
  LogSink& log;
  const LogLines& lines;
  Statistics& statistics;
  Activity& activity;
  Sandboxes& sandboxes;
  FaultPlan* faults = nullptr;  // null without any
};

}  // namespace phork::emulator
