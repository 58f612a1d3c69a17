// SPDX-License-Identifier: MIT
//
// A process of its own that serves one event, for the strategies exec and prespawn.
#pragma once

#include "php-worker/sapi/modes/boot.h"
#include "runtime/base/fd.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/slot/worker_side.h"

namespace phork::sapi {

// All modes end the process themselves, without shutting PHP down: the memory that it would free
// dies with the process, and finish_event() or end_boot() has done everything that others could
// see.
[[noreturn]] void end_process(int code);

// Ends what an event has left running below this process. False if something is left.
bool end_children();

// Boots for the event in `reply`, a file with all bytes of Lambda's reply to `next`, and serves it.
// An application that does not boot is the failure of that event.
[[noreturn]] void serve_given_event(Booted& booted, char* executable, const base::Fd& reply,
                                    lambda::HttpRuntimeApi& api, slot::WorkerSide& slot);

// Waits for the turn, then takes an event and serves it.
[[noreturn]] void serve_next_event(Booted& booted, lambda::HttpRuntimeApi& api,
                                   slot::WorkerSide& slot);

}  // namespace phork::sapi
