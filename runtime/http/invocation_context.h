// SPDX-License-Identifier: MIT
//
// What Lambda said about an event beside the event itself, as JSON for LAMBDA_INVOCATION_CONTEXT.
// The keys are those that applications on Lambda already read there.
#pragma once

#include <string>

#include "runtime/event/invocation.h"

namespace phork::http {

std::string invocation_context_json(const event::Invocation& invocation);

}  // namespace phork::http
