// SPDX-License-Identifier: MIT
//
// A worker that serves one event over a channel and ends. Strategies exec, prespawn and fork differ
// only in where the process comes from.
#pragma once

#include <functional>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/channel.h"

namespace phork::sapi {

// Called when the answer has left, before the process ends.
using AfterAnswer = std::function<void(const wire::Usage& usage)>;

// Says ready, waits for the event, serves it, ends the process.
[[noreturn]] void serve_one_event(Application& application, Channel& channel,
                                  const wire::Ready& ready, const AfterAnswer& after_answer = {});

}  // namespace phork::sapi
