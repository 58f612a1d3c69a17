// SPDX-License-Identifier: MIT
//
// The two functions that an audit runs: the probe application and the user's. How they are
// configured, and how one is asked. Only ask() waits, for as long as the function's timeout lets
// an event take.
#pragma once

#include <string>
#include <string_view>

#include "emulator/environments/local_lambda.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::audit {

// Whether this text of an entry file hands over to the probe application.
bool names_probe(std::string_view entry_text);

// Where the probe lies that comes with the PHP files of `program`, one of ours.
std::string probe_file(const std::string& program);

// The probe at `file`, with the settings of the user's function but for those that are about its
// entry.
emulator::FunctionConfig probe_function(emulator::FunctionConfig user, const std::string& file);

// Replaces the function's own strategy.
emulator::FunctionConfig under_strategy(emulator::FunctionConfig config, const std::string& name);

// The answer, or what became of the event instead: kTimeout; kStopped when `lambda` is stopping;
// kRefused with the type and the message of the error.
base::Result<std::string> read_result(const emulator::EventResult& result);
base::Result<std::string> ask(emulator::LocalLambda& lambda, const std::string& event);

}  // namespace phork::audit
