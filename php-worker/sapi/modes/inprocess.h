// SPDX-License-Identifier: MIT
//
// Strategy inprocess: one process serves one event after another. A handler is called again and
// again; between events only PHP's request state is made new. A script cannot be run twice in one
// PHP request, because it would declare its functions and classes a second time, so each run gets a
// PHP request of its own, as under php-fpm.
#pragma once

#include "php-worker/sapi/modes/boot.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/slot/worker_side.h"

namespace phork::sapi {

// Serves until the API is gone or refuses, or the stop signal comes. Returns the exit code. kOk
// also when another process has to take over: after PHORK_MAX_EVENTS or BREF_LOOP_MAX events, or
// after an event that ended PHP with a fatal error, because PHP's state cannot be trusted from then
// on.
int serve_inprocess(Booted& booted, lambda::HttpRuntimeApi& api, slot::WorkerSide& slot);

}  // namespace phork::sapi
