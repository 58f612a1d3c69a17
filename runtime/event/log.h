// SPDX-License-Identifier: MIT
//
// Records about one event: its ids, and the failure that a text is about. Any thread may log.
#pragma once

#include <string_view>

#include "runtime/base/log.h"
#include "runtime/event/invocation.h"

namespace phork::event {

// An error of one event, with its ids.
void log_error(std::string_view text, const Invocation& event);

// "<what>: <type>: <message>", and the rest of the failure as the sink's format has it. `event` is
// null outside of one.
void log_failure(std::string_view what, const Failure& failure, const Invocation* event = nullptr);

}  // namespace phork::event
