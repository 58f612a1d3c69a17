// SPDX-License-Identifier: MIT
//
// One HTTP/1.1 request over a new loopback connection, byte for byte as the test wrote it, and the
// response as it came: names as sent, repeated headers apart, chunks joined. HTTP libraries
// normalize both, which a comparison must not. Blocks for at most 30 s; throws when the response is
// not HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/http/message.h"

namespace phork::testing {

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";
  std::vector<event::NameValue> headers;  // Content-Length is added where there is a body
  std::string body;
};

// The request as bytes.
std::string request_text(const HttpCall& call);

emulator::HttpReply call_server(std::uint16_t port, const HttpCall& call);

// The values of a header in order; `lower_name` is in lower case.
std::vector<std::string> header_values(const std::vector<event::NameValue>& headers,
                                       std::string_view lower_name);

}  // namespace phork::testing
