// SPDX-License-Identifier: MIT
//
// Shared by the tests of the payload formats: one gateway, and short ways to make requests and
// answers.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/gateway/payload.h"

namespace phork::emulator {

inline const GatewayContext kGateway{
    "req-1", "Root=1-a-b;Parent=c;Sampled=1", 8000,
    std::chrono::system_clock::time_point(std::chrono::milliseconds(1'583'348'638'390))};

inline HttpRequest request(const std::string& method, const std::string& target,
                           std::vector<event::NameValue> headers = {}, std::string body = {}) {
  HttpRequest made;
  made.method = method;
  made.target = target;
  made.headers = std::move(headers);
  made.body = std::move(body);
  made.remote_address = "127.0.0.1";
  return made;
}

inline EventResult answered(std::string body) {
  EventResult result;
  result.ending = Ending::kAnswered;
  result.body = std::move(body);
  return result;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace phork::emulator
