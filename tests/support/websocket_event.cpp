// SPDX-License-Identifier: MIT
#include "tests/support/websocket_event.h"

#include <utility>

#include "emulator/gateway/request.h"
#include "runtime/base/base64.h"
#include "runtime/base/json_writer.h"

namespace phork::testing {
namespace {

using base::JsonWriter;
using emulator::common_log_time;
using emulator::epoch_milliseconds;
using emulator::Fields;

// All of the request context but what only one kind of event has. Left open.
void begin_request_context(JsonWriter& json, const WebSocketConnection& connection,
                           const emulator::GatewayContext& context, std::string_view event_type) {
  json.key("requestContext").begin_object();
  json.field("eventType", event_type).field("connectionId", connection.id);
  json.key("connectedAt").integer(epoch_milliseconds(connection.connected_at));
  json.field("messageDirection", "IN");
  json.field("requestId", context.request_id).field("extendedRequestId", context.request_id);
  json.field("requestTime", common_log_time(context.now));
  json.key("requestTimeEpoch").integer(epoch_milliseconds(context.now));
  json.field("stage", "prod").field("apiId", "phork");
  json.field("domainName", "127.0.0.1:" + std::to_string(context.port));
  json.key("identity").begin_object().field("sourceIp", connection.source_ip);
  if (!connection.user_agent.empty()) json.field("userAgent", connection.user_agent);
  json.end_object();
}

}  // namespace

std::string make_websocket_connect(const WebSocketConnection& connection,
                                   const emulator::HttpRequest& handshake,
                                   const emulator::GatewayContext& context) {
  const Fields headers = emulator::event_headers(handshake, context, emulator::NameCase::kAsSent);
  const Fields parameters =
      emulator::query_parameters(handshake.query(), emulator::QueryText::kDecoded);
  JsonWriter json;
  emulator::write_last(json.begin_object().key("headers"), headers);
  emulator::write_lists(json.key("multiValueHeaders"), headers);
  if (!parameters.empty()) {
    emulator::write_last(json.key("queryStringParameters"), parameters);
    emulator::write_lists(json.key("multiValueQueryStringParameters"), parameters);
  }
  begin_request_context(json, connection, context, "CONNECT");
  json.field("routeKey", "$connect").end_object();
  return std::move(json.key("isBase64Encoded").boolean(false).end_object()).text();
}

std::string make_websocket_message(const WebSocketConnection& connection,
                                   const WebSocketMessage& message,
                                   const emulator::GatewayContext& context) {
  JsonWriter json;
  json.begin_object();
  begin_request_context(json, connection, context, "MESSAGE");
  json.field("routeKey", message.route_key).field("messageId", message.id).end_object();
  json.key("body");
  if (message.is_binary) {
    base::encode_base64(message.data, json.plain_string(base::base64_size(message.data.size())));
  } else {
    json.string(message.data);
  }
  return std::move(json.key("isBase64Encoded").boolean(message.is_binary).end_object()).text();
}

std::string make_websocket_disconnect(const WebSocketConnection& connection, int status,
                                      std::string_view reason,
                                      const emulator::GatewayContext& context) {
  JsonWriter json;
  json.begin_object();
  begin_request_context(json, connection, context, "DISCONNECT");
  json.field("routeKey", "$disconnect").key("disconnectStatusCode").integer(status);
  json.field("disconnectReason", reason).end_object();
  return std::move(json.key("isBase64Encoded").boolean(false).end_object()).text();
}

}  // namespace phork::testing
