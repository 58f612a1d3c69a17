// SPDX-License-Identifier: MIT
//
// API Gateway's HTTP API, payload format 2.0 (function URLs use it too): an HTTP request as the
// event that Lambda hands out, and the function's answer as the HTTP response. Pure functions; an
// answer that is none becomes 500, as the gateway does.
// https://docs.aws.amazon.com/apigateway/latest/developerguide (HTTP APIs, Lambda integrations)
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/event.h"
#include "emulator/http_message.h"

namespace phork::emulator {

// What the gateway adds of its own.
struct GatewayContext {
  std::string request_id;
  std::string trace_id;
  std::uint16_t port = 0;
  std::chrono::system_clock::time_point now;
};

std::string make_payload_v2(const HttpRequest& request, const GatewayContext& context);

HttpReply reply_from_result(const EventResult& result);

// Whether the gateway passes a body of that type on as text; everything else goes as base64.
bool is_text_type(std::string_view content_type);

// The common log format's time in UTC: "12/Mar/2020:19:03:58 +0000".
std::string common_log_time(std::chrono::system_clock::time_point time);

}  // namespace phork::emulator
