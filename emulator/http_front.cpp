// SPDX-License-Identifier: MIT
#include "emulator/http_front.h"

#include <chrono>
#include <utility>

#include "emulator/payload_v2.h"

namespace phork::emulator {
namespace {

HttpReply gateway_error(int status, std::string_view message) {
  std::string body = "{\"message\":\"";
  body.append(message).append("\"}");
  return {status, {{"content-type", "application/json"}}, std::move(body)};
}

}  // namespace

std::size_t HttpFront::body_limit(const HttpRequest& /*head*/) const {
  return kMaxEventBytes;
}

void HttpFront::handle(HttpRequest request, HttpConnection& connection) {
  if (request.body_truncated) {
    connection.send(gateway_error(400, "Bad Request"));
    return;
  }
  Event event;
  event.request_id = make_uuid();
  event.trace_id = make_trace_id();
  const GatewayContext context{event.request_id, event.trace_id, server_.port(),
                               std::chrono::system_clock::now()};
  if (!request.body_too_large) event.payload = make_payload_v2(request, context);
  // Base64 and escapes make the event longer than the body was.
  if (request.body_too_large || event.payload.size() > kMaxEventBytes) {
    connection.send(gateway_error(413, "Request Entity Too Large"));
    return;
  }
  const EventResult result = lambda_.invoke(std::move(event));
  const bool stopping = result.error_type == "Emulator.Stopped";
  connection.send(stopping ? gateway_error(503, "Service Unavailable") : reply_from_result(result));
}

}  // namespace phork::emulator
