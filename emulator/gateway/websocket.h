// SPDX-License-Identifier: MIT
//
// The events of API Gateway's WebSocket API. A plain HTTP request cannot become one, so there is no
// front door for them: tests and tools make them from what a connection is and what happens on it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "emulator/gateway/payload.h"

namespace phork::emulator {

struct WebSocketConnection {
  std::string id;
  std::string source_ip;
  std::string user_agent;
  std::chrono::system_clock::time_point connected_at;
};

// `handshake` is the HTTP request that asked for the connection: its headers and its query.
std::string make_websocket_connect(const WebSocketConnection& connection,
                                   const HttpRequest& handshake, const GatewayContext& context);

struct WebSocketMessage {
  std::string id;
  std::string route_key = "$default";
  std::string data;
  bool is_binary = false;
};

std::string make_websocket_message(const WebSocketConnection& connection,
                                   const WebSocketMessage& message, const GatewayContext& context);

// `status` and `reason` are those of the close frame.
std::string make_websocket_disconnect(const WebSocketConnection& connection, int status,
                                      std::string_view reason, const GatewayContext& context);

}  // namespace phork::emulator
