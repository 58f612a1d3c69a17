// SPDX-License-Identifier: MIT
//
// What the Runtime API's requests mean and how its replies are worded, without any state. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/http/message.h"
#include "emulator/runtime_api/runtime_state.h"

namespace phork::emulator {

struct Route {
  RuntimeCall call = RuntimeCall::kNext;
  std::string id;  // of response and error
  std::string_view method;
};

std::optional<Route> find_route(std::string_view path);

// Empty, or "streaming"; runtimes may send anything.
std::string_view response_mode(const HttpRequest& request);
bool is_streaming(const HttpRequest& request);

// Of the attempt at an event that the runtime got, which it is to send back; empty when it did not.
std::string_view invocation_id(const HttpRequest& request);

// (Runtime|Function).Xxxx is kept, anything else is rewritten, as the platform does.
std::string valid_error_type(std::string_view type);

HttpReply accepted();
HttpReply refusal(int status, std::string_view type, std::string_view message);
HttpReply illegal_transition(RuntimeState state);
HttpReply invalid_request_id();
HttpReply truncated_request();

// What a body over its limit comes to, for the caller and for the runtime.
EventResult too_large_result(std::size_t limit);
HttpReply too_large_reply(std::size_t limit);

// A body that was cut off.
EventResult truncated_result(std::string_view request_id);

// The event as `next` answers it; without an arn of its own it gets `function_arn`.
HttpReply event_reply(const Event& event, std::int64_t deadline_ms,
                      const std::string& function_arn);

}  // namespace phork::emulator
