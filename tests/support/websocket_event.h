// SPDX-License-Identifier: MIT
//
// Events as API Gateway's WebSocket API sends them, for tests of the code that reads them. The
// emulator does not serve WebSockets.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "emulator/gateway/payload.h"

namespace phork::testing {

struct WebSocketConnection {
  std::string id;
  std::string source_ip;
  std::string user_agent;
  std::chrono::system_clock::time_point connected_at;
};

// `handshake` is the HTTP request that asked for the connection: its headers and its query.
std::string make_websocket_connect(const WebSocketConnection& connection,
                                   const emulator::HttpRequest& handshake,
                                   const emulator::GatewayContext& context);

struct WebSocketMessage {
  std::string id;
  std::string route_key = "$default";
  std::string data;
  bool is_binary = false;
};

std::string make_websocket_message(const WebSocketConnection& connection,
                                   const WebSocketMessage& message,
                                   const emulator::GatewayContext& context);

// `status` and `reason` are those of the close frame.
std::string make_websocket_disconnect(const WebSocketConnection& connection, int status,
                                      std::string_view reason,
                                      const emulator::GatewayContext& context);

}  // namespace phork::testing
