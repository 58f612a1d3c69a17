// SPDX-License-Identifier: MIT
//
// Turns PHP's errors, exits and exceptions into failures in the Runtime API's form.
#pragma once

#include "php-worker/sapi/php.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// The reason why PHP's code ended early: a fatal error (Runtime.PhpFatal, Runtime.PhpOutOfMemory),
// the deadline (Function.Timeout) or, when `exited`, an exit() of the handler
// (Runtime.HandlerExited).
struct Bailout {
  event::Failure failure;
  bool exited = false;
};

Bailout describe_bailout();

// Takes the exception that the entry has thrown out of the engine
// (php-worker/src/Worker/Failure.php, ofEntry).
event::Failure take_exception();

// Of a Phork\Worker\Failure.
event::Failure read_failure(zval* object);

}  // namespace phork::sapi
