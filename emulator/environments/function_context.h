// SPDX-License-Identifier: MIT
//
// What the environments of one function share: the function, where its events come from, and who is
// told. All of it outlives them. Each part guards itself, but for the function, which is constant.
#pragma once

#include "emulator/event/dispatcher.h"
#include "emulator/event/function_config.h"
#include "emulator/observe/activity.h"
#include "emulator/observe/log_lines.h"
#include "emulator/observe/log_sink.h"
#include "emulator/observe/statistics.h"
#include "emulator/runtime_api/fault_plan.h"
#include "emulator/sandbox/sandboxes.h"

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
