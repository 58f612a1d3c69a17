// SPDX-License-Identifier: MIT
//
// Reads an event of one of Lambda's HTTP gateways as a request. The event itself tells its shape,
// no setting does. Pure; any thread. A field that is missing or of the wrong type gives an error
// kInvalid that names it, what was expected and what came, never a payload; an event of no known
// shape says so, and so does one for an authorizer. Events that people write by hand lack fields:
// without a path it is "/", a text may be a number, an empty map [] or null.
//
// Rules that all shapes share: header names in lower case; repeated headers stay apart, cookies are
// one header; `content-length` is the number of bytes that the body really has; an unknown client
// address is empty rather than 127.0.0.1, which applications trust.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/http/message.h"

namespace phork::http {

struct HttpEvent {
  EventShape shape = EventShape::kApiGatewayV2;
  Request request;
  std::vector<event::NameValue> path_parameters;  // of API Gateway's route, as they came
};

// A body is copied twice: to put padding behind the text, which the JSON parser needs, and into the
// request (decoded, unescaped). A caller whose memory goes on behind the text saves the first copy:
// `readable_bytes` may be read from `json.data()` on, such as the capacity of its string. It has to
// be kEventPaddingBytes more than the size.
inline constexpr std::size_t kEventPaddingBytes = 64;
base::Result<HttpEvent> read_event(std::string_view json, std::size_t readable_bytes = 0);

}  // namespace phork::http
