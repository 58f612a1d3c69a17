// SPDX-License-Identifier: MIT
//
// The front doors of Lambda, one payload format each: an HTTP request as the event that Lambda
// hands out, and the function's answer as the HTTP response. One list; whoever needs a front door
// finds it by name. Pure functions; an answer that is none becomes the error of that front door.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/http/message.h"

namespace phork::emulator {

// What the front door adds of its own.
struct GatewayContext {
  std::string request_id;
  std::string trace_id;
  std::uint16_t port = 0;
  std::chrono::system_clock::time_point now;
};

struct Payload {
  std::string_view name;
  std::string (*make_event)(const HttpRequest& request, const GatewayContext& context);
  HttpReply (*make_reply)(const EventResult& result);
};

// The default comes first.
std::span<const Payload> payloads();

// nullptr when no front door has that name.
const Payload* find_payload(std::string_view name);

}  // namespace phork::emulator
