// SPDX-License-Identifier: MIT
//
// One HTTP request and response, free of the event shape that carried them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::http {

// The front doors of Lambda. https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
enum class EventShape : std::uint8_t {
  kApiGatewayV1,
  kApiGatewayV2,  // and function URLs
  kAlb,
  kAlbMultiValue,
  kWebSocket,
  kVpcLatticeV2,
};

struct Request {
  std::string method;
  std::string path;          // as the client sent it (still percent-encoded), begins with '/'
  std::string query_string;  // as the client sent it, without '?'
  std::string protocol = "HTTP/1.1";
  std::vector<event::NameValue> headers;  // names in lower case; cookies are one `cookie` header
  std::string remote_address;
  std::string stage;            // of API Gateway, "" where there is none
  std::string request_context;  // JSON text of `requestContext`, "" when absent
  std::string body;
};

struct Response {
  std::uint16_t status = 200;
  std::vector<event::NameValue> headers;  // names as PHP gave them, repeated ones apart
  std::string_view body;                  // where PHP's answer lies
};

// What the caller of an event gets that took too long.
inline Response gateway_timeout() {
  return {504, {{"Content-Type", "text/plain; charset=utf-8"}}, "Gateway Timeout\n"};
}

}  // namespace phork::http
