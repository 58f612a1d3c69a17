// SPDX-License-Identifier: MIT
//
// Compression of answers by gzip, for PHORK_COMPRESS. Whoever loads this loads zlib, which PHP has
// loaded anyway. Pure.
// https://www.rfc-editor.org/rfc/rfc9110#name-content-codings
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/http/message.h"

namespace phork::http {

// A shorter body does not gain what its headers cost; CloudFront has the same limit.
inline constexpr std::size_t kLeastCompressed = 1000;

// True if a client that sends this Accept-Encoding takes gzip.
bool takes_gzip(std::string_view accept_encoding);

// True if the gateway of an event decodes every answer in base64. A REST API does so only for types
// that it was told of, and compresses by itself; its events look like those of an HTTP API with
// payloads of version 1.
constexpr bool takes_binary(EventShape shape) {
  return shape != EventShape::kApiGatewayV1 && shape != EventShape::kWebSocket;
}

// Compresses the body of `response` for a client that takes it. Left as they are: short bodies,
// types that do not shrink, parts of a range, and what the application has encoded or has asked not
// to transform. A response that another client would get compressed says so in Vary, as do those
// to HEAD and of status 304, which have no body. The new body lies in `storage`.
void compress(Response& response, std::string_view accept_encoding, std::string& storage);

}  // namespace phork::http
