// SPDX-License-Identifier: MIT
//
// Brings an outcome to the Runtime API: what is too large to be taken is not sent, and what the API
// says to the rest is logged.
#pragma once

#include "runtime/base/invocation.h"
#include "runtime/base/result.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {

// An error means the API is gone. A refusal (too large, too late) is this event's affair only.
base::Status answer(RuntimeApi& api, const base::Invocation& invocation, base::Outcome outcome);

}  // namespace phork::lambda
