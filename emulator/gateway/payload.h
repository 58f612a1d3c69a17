// SPDX-License-Identifier: MIT
//
// The payload formats: how each gateway of AWS makes an event of an HTTP request and a response of
// the function's answer. payload.cpp lists them all. Pure functions; an answer in a wrong form
// becomes the error response that the gateway would send.
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

// The parts of an event that the gateway itself adds.
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

// All formats; the first is the default.
std::span<const Payload> payloads();

// nullptr when no format has that name.
const Payload* find_payload(std::string_view name);

}  // namespace phork::emulator
