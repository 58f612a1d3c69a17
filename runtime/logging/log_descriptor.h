// SPDX-License-Identifier: MIT
//
// The pipe that Lambda gives its runtimes for log records: inherited, and named by number in
// _LAMBDA_TELEMETRY_LOG_FD. Unlike a line on standard error, a record in it has a length, a level
// and a time (log_frame.h). PHP must not get hold of it, nor the programs that PHP starts.
#pragma once

#include "runtime/base/fd.h"

namespace phork::logging {

// Takes it out of the environment and makes it close-on-exec. Not valid where there is none. To be
// called before threads and children exist.
base::Fd take_log_descriptor();

// Puts it back for the program that this process is about to become.
void hand_on_log_descriptor(int raw);

}  // namespace phork::logging
