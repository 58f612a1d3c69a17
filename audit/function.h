// SPDX-License-Identifier: MIT
//
// Configures the two functions that an audit runs, the probe application and the user's, and sends
// them events. Only ask() blocks, at most for the function's timeout.
#pragma once

#include <string>
#include <string_view>

#include "emulator/environments/local_lambda.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::audit {

// True when an entry file with this text serves the probe application.
bool names_probe(std::string_view entry_text);

// The entry file of the probe that belongs to `program`, one of ours.
std::string probe_file(const std::string& program);

// The function that serves the probe at `file` with the user's settings, except for those that
// concern the user's entry.
emulator::FunctionConfig probe_function(emulator::FunctionConfig user, const std::string& file);

// Replaces the function's own strategy.
emulator::FunctionConfig under_strategy(emulator::FunctionConfig config, const std::string& name);

// The answer of the event. kTimeout; kStopped when `lambda` is stopping; kRefused, with the type
// and message of the error that the function reported.
base::Result<std::string> read_result(const emulator::EventResult& result);
base::Result<std::string> ask(emulator::LocalLambda& lambda, const std::string& event);

}  // namespace phork::audit
