// SPDX-License-Identifier: MIT
#include "emulator/gateway/gateway.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "emulator/gateway/stream_reply.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

HttpReply gateway_error(int status, std::string_view message) {
  base::JsonWriter json;
  json.begin_object().field("message", message).end_object();
  return {status, {{"content-type", "application/json"}}, std::move(json).text()};
}

HttpReply foreign_site(const std::string& reason) {
  HttpReply reply = gateway_error(403, reason);
  // Other sites do not even find out that somebody has refused them.
  reply.headers.push_back({"cross-origin-resource-policy", "same-origin"});
  return reply;
}

}  // namespace

HttpRoute* Gateway::route_of(const HttpRequest& head) const {
  const auto found =
      std::ranges::find_if(routes_, [&head](const HttpRoute* route) { return route->takes(head); });
  return found == routes_.end() ? nullptr : *found;
}

std::size_t Gateway::body_limit(const HttpRequest& head) const {
  const HttpRoute* route = route_of(head);
  if (route == nullptr) return kMaxEventBytes;
  return guard_.refusal(head) ? 0 : route->body_limit();
}

void Gateway::handle(HttpRequest request, HttpConnection& connection) {
  HttpRoute* route = route_of(request);
  if (route == nullptr) {
    serve(request, connection);
  } else if (const std::optional<std::string> refusal = guard_.refusal(request)) {
    connection.send(foreign_site(*refusal));
  } else {
    route->handle(std::move(request), connection);
  }
}

void Gateway::serve(const HttpRequest& request, HttpConnection& connection) {
  const Clock::time_point began = Clock::now();
  OwnAnswer answer{.method = request.method, .path = request.raw_path()};
  const std::optional<int> asset =
      assets_ == nullptr ? std::nullopt : assets_->serve(request, connection);
  if (asset) {
    answer.status = *asset;
    answer.by = "asset";
  } else if (const std::optional<int> refused = serve_event(request, connection)) {
    answer.status = *refused;
    answer.by = "gateway";
  } else {
    return;
  }
  answer.took = std::chrono::duration_cast<Microseconds>(Clock::now() - began);
  lambda_.log_answer(answer);
}

std::optional<int> Gateway::serve_event(const HttpRequest& request, HttpConnection& connection) {
  if (request.body_truncated) {
    connection.send(gateway_error(400, "Bad Request"));
    return 400;
  }
  Event event;
  event.request_id = make_uuid();
  // A caller's trace goes on.
  const std::string_view trace = request.header("x-amzn-trace-id");
  const bool goes_on = trace.find("Root=") != std::string_view::npos;
  event.trace_id = goes_on ? std::string(trace) : make_trace_id();
  const GatewayContext context{event.request_id, event.trace_id, server_.port(),
                               std::chrono::system_clock::now()};
  if (!request.body_too_large) event.payload = payload_.make_event(request, context);
  // Base64 and escapes make the event longer than the body was.
  if (request.body_too_large || event.payload.size() > kMaxEventBytes) {
    connection.send(gateway_error(413, "Request Entity Too Large"));
    return 413;
  }
  lambda_.requested(context.request_id, request.method, request.raw_path());
  StreamReply streamed(connection);
  const EventResult result = lambda_.invoke(std::move(event), streamed);
  const bool replied = streamed.finish(result);
  if (!streamed.refusal().empty()) lambda_.log_error(context.request_id, streamed.refusal());
  const int status = replied ? streamed.status() : reply_to(result, connection);
  lambda_.replied(context.request_id, status, result.answered());
  return std::nullopt;
}

int Gateway::reply_to(const EventResult& result, HttpConnection& connection) {
  const bool stopping = result.error_type == kStoppedType;
  const HttpReply reply =
      stopping ? gateway_error(503, "Service Unavailable") : payload_.make_reply(result);
  connection.send(reply);
  return reply.status;
}

}  // namespace phork::emulator
