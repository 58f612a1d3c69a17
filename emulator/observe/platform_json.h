// SPDX-License-Identifier: MIT
//
// Lambda's own log lines in its JSON format: the platform events of the Telemetry API that the
// system log level INFO lets through, one object a line. A success has platform.start and
// platform.report; a failure has platform.runtimeDone too, and platform.fault where the platform
// knows more than the error type.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
#pragma once

#include <memory>

#include "emulator/event/function_config.h"
#include "emulator/observe/log_lines.h"

namespace phork::emulator {

// `config` outlives the result.
std::unique_ptr<const LogLines> make_platform_json(const FunctionConfig& config);

}  // namespace phork::emulator
