// SPDX-License-Identifier: MIT
//
// What becomes of an event when its runtime posts a response or an error: the reply to the runtime,
// the result for the caller and the state that follows. Pure; that the call belongs to the event
// and to its state was checked before.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "emulator/event/event.h"
#include "emulator/event/fault.h"
#include "emulator/http/message.h"
#include "emulator/runtime_api/runtime_state.h"

namespace phork::emulator {

// 6 MiB and 100 bytes: the longest answer that Lambda takes without streaming.
inline constexpr std::size_t kMaxResponseBytes = 6'291'556;
// 1 MiB: the longest error.
inline constexpr std::size_t kMaxErrorBytes = 1'048'576;

struct PostVerdict {
  HttpReply reply;
  std::optional<EventResult> result;  // without one the event ends with the process, or its time
  RuntimeState state = RuntimeState::kResponseSent;
};

std::size_t post_limit(RuntimeCall call);

// Takes the body out of `request`.
PostVerdict judge_post(RuntimeCall call, HttpRequest& request, const std::string& request_id);

// Of a post that the platform fails on purpose. 400 and 410: it came after the event's `timeout`;
// 413: it was too long; reset: it was cut. 403 and 500 leave the platform where nothing leads on.
PostVerdict failed_post(const Fault& fault, RuntimeCall call, const std::string& request_id,
                        std::chrono::milliseconds timeout);

}  // namespace phork::emulator
