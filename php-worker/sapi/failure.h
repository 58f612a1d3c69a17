// SPDX-License-Identifier: MIT
//
// Turns what PHP reports into failures as the Runtime API takes them.
#pragma once

#include "php-worker/sapi/php_headers.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// After a bailout: a fatal error (Runtime.PhpFatal, Runtime.PhpOutOfMemory) or, when there was
// none, an exit of the handler (Runtime.HandlerExited). Says which with `exited`.
struct Bailout {
  event::Failure failure;
  bool exited = false;
};

Bailout describe_bailout();

// Takes the pending exception out of the engine. `type` overrules its class where it is not empty.
event::Failure take_exception(const char* type = "");

// Cut to what one control message can carry, the end of the trace first.
event::Failure shortened(event::Failure failure);

}  // namespace phork::sapi
