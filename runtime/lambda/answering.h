// SPDX-License-Identifier: MIT
//
// Brings an outcome to the Runtime API: what is too large to be taken is not sent, a stream gets
// its end, and what the API says to the rest is logged.
#pragma once

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/lambda/streamed_answer.h"

namespace phork::lambda {

// An error means the API is gone. A refusal (too large, too late) is this event's affair only.
base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome);

// The same where the strategy had `stream` to write to. A failure is told behind what has left of
// the answer. A stream that was lost is the event's affair, too: a caller who goes away takes it
// with him, and whether the API lives is for next() to find out.
base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome,
                    StreamedAnswer& stream);

}  // namespace phork::lambda
