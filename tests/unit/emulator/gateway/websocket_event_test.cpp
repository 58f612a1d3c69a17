// SPDX-License-Identifier: MIT
#include "tests/support/websocket_event.h"

#include <doctest/doctest.h>

#include "runtime/http/event_reader.h"
#include "runtime/http/message.h"
#include "tests/unit/emulator/gateway/payload_cases.h"

namespace phork::emulator {
namespace {

using testing::WebSocketConnection;
using testing::WebSocketMessage;

const WebSocketConnection kConnection{
    "abc=", "203.0.113.7", "ua",
    std::chrono::system_clock::time_point(std::chrono::milliseconds(1'583'348'600'000))};

http::Request read(const std::string& event) {
  auto read = http::read_event(event);
  REQUIRE_MESSAGE(read.ok(), read.error().text);
  CHECK(read->shape == http::EventShape::kWebSocket);
  return std::move(read).value().request;
}

TEST_SUITE("websocket event") {
  TEST_CASE("a message becomes exactly the event of a WebSocket API") {
    CHECK(make_websocket_message(kConnection, {"m-1", "send", "{\"a\":1}", false}, kGateway) ==
          R"({"requestContext":{"eventType":"MESSAGE","connectionId":"abc=",)"
          R"("connectedAt":1583348600000,"messageDirection":"IN","requestId":"req-1",)"
          R"("extendedRequestId":"req-1","requestTime":"04/Mar/2020:19:03:58 +0000",)"
          R"("requestTimeEpoch":1583348638390,"stage":"prod","apiId":"phork",)"
          R"("domainName":"127.0.0.1:8000","identity":{"sourceIp":"203.0.113.7",)"
          R"("userAgent":"ua"},"routeKey":"send","messageId":"m-1"},)"
          R"("body":"{\"a\":1}","isBase64Encoded":false})");
  }

  TEST_CASE("the handshake is read as a GET with its headers and its query") {
    HttpRequest handshake =
        request("GET", "/?token=a%20b&token=c", {{"host", "w"}, {"cookie", "a=1"}});
    handshake.sent_names = {"Host", "Cookie"};
    const std::string event = make_websocket_connect(kConnection, handshake, kGateway);
    CHECK(contains(event, R"("multiValueHeaders":{"Host":["w"],"Cookie":["a=1"],)"));
    CHECK(contains(event, R"("queryStringParameters":{"token":"c"})"));
    const http::Request made = read(event);
    CHECK(made.method == "GET");
    CHECK(made.path == "/$connect");
    CHECK(made.query_string == "token=a%20b&token=c");
    CHECK(made.remote_address == "203.0.113.7");
    CHECK(http::last_header(made.headers, "cookie") == "a=1");
  }

  TEST_CASE("messages, text and binary, are read as posts to their route") {
    const http::Request text =
        read(make_websocket_message(kConnection, {"m-1", "$default", "hi", false}, kGateway));
    CHECK(text.method == "POST");
    CHECK(text.path == "/$default");
    CHECK(text.body == "hi");
    const std::string bytes("\0\xff", 2);
    CHECK(read(make_websocket_message(kConnection, {"m-2", "r", bytes, true}, kGateway)).body ==
          bytes);
  }

  TEST_CASE("the end of a connection says why it ended") {
    const std::string event = make_websocket_disconnect(kConnection, 1001, "going away", kGateway);
    CHECK(contains(event, R"("disconnectStatusCode":1001,"disconnectReason":"going away")"));
    CHECK(read(event).path == "/$disconnect");
  }
}

}  // namespace
}  // namespace phork::emulator
