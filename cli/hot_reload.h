// SPDX-License-Identifier: MIT
//
// Lets a function that is being served follow its source: when a file of its application changes,
// the log names it and fresh processes take over. Lives on a thread of its own.
#pragma once

#include <memory>

#include "emulator/environments/local_lambda.h"
#include "emulator/observe/log_sink.h"
#include "emulator/reload/source_watch.h"

namespace phork::cli {

// Until the watch is gone; `lambda` and `log` outlive it.
std::unique_ptr<emulator::SourceWatch> reload_on_change(emulator::LocalLambda& lambda,
                                                        emulator::LogSink& log);

}  // namespace phork::cli
