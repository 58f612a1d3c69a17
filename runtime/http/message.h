// SPDX-License-Identifier: MIT
//
// One HTTP request and response, free of the event shape that carried them, and rules that hold for
// every message: header names without case, values that may be joined, the words of a status. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::http {

// The HTTP gateways of Lambda. https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
enum class EventShape : std::uint8_t {
  kApiGatewayV1,
  kApiGatewayV2,  // and function URLs
  kAlb,
  kAlbMultiValue,
  kWebSocket,
  kVpcLatticeV2,
};

inline constexpr unsigned kEventShapes = static_cast<unsigned>(EventShape::kVpcLatticeV2) + 1;

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

// The answer to an event that took too long.
inline Response gateway_timeout() {
  return {504, {{"Content-Type", "text/plain; charset=utf-8"}}, "Gateway Timeout\n"};
}

// The last header of this name, "" when there is none. Gateways append: the last value is theirs.
// Both names are in lower case.
std::string_view last_header(const std::vector<event::NameValue>& headers, std::string_view name);

// The last element of that header's comma-separated list, which the nearest hop wrote.
std::string_view last_hop(const std::vector<event::NameValue>& headers, std::string_view name);

// Leaves one header of this name. Its place is that of the first one there was.
void set_header(std::vector<event::NameValue>& headers, std::string_view name, std::string value);

// True when two headers of this name may become one: their value is a list.
bool may_be_joined(std::string_view name_any_case);

// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
bool is_token(std::string_view text);

// A name that is a token, a value without CR, LF and NUL: it cannot forge another header.
bool is_well_formed(const event::NameValue& header);

// The words that go with a status, "" for a code that is not registered.
// https://www.iana.org/assignments/http-status-codes
std::string_view reason_phrase(std::uint16_t status);

}  // namespace phork::http
