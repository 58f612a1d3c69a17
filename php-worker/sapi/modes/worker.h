// SPDX-License-Identifier: MIT
//
// A worker that serves an event over a channel and ends. Strategies exec, prespawn and fork differ
// only in where the process comes from; under rollback it may serve another event.
#pragma once

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/modes/channel.h"

namespace phork::sapi {

// Says ready, waits for the event, serves it and closes what it has opened: what the event cost.
// Ends the process where there is no event to come, and after an event that cannot be understood.
wire::Usage serve_event(Application& application, Channel& channel, const wire::Ready& ready);

// Ends the process, without an end for PHP: what others could see of it has been finished.
[[noreturn]] void end_worker();

// Both.
[[noreturn]] void serve_one_event(Application& application, Channel& channel,
                                  const wire::Ready& ready);

}  // namespace phork::sapi
