// SPDX-License-Identifier: MIT
//
// The life of a forked child that cannot serve: a hook of Phork\onFork has failed in it. It takes
// an event all the same and answers with the failure, so that the caller hears of it.
#pragma once

#include "php-worker/sapi/modes/channel.h"

namespace phork::sapi {

// Says ready, waits for the event, answers it with `failure`, ends the process.
[[noreturn]] void refuse_one_event(Channel& channel, const wire::Ready& ready,
                                   const event::Failure& failure);

}  // namespace phork::sapi
