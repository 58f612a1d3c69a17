// SPDX-License-Identifier: MIT
//
// Events that nginx cannot send: the contexts that PHP finds in $_SERVER, and WebSocket events.
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "tests/http/gateway.h"
#include "tests/http/site.h"
#include "tests/support/json.h"
#include "tests/support/websocket_event.h"

namespace {

using namespace phork;
using namespace phork::http_suite;
using testing::Json;
using testing::Runtime;

Json dump_of(Runtime& runtime, const std::string& event) {
  const auto result = runtime.invoke(event);
  REQUIRE_MESSAGE(result.answered(), result.body);
  const Json answer(result.body);
  CHECK(answer.integer("statusCode") == 200);
  return Json(answer.text("body"));
}

const testing::WebSocketConnection kConnection{"L0SM9cOFvHcCIhw=", kClientAddress, "test",
                                               std::chrono::system_clock::now()};

emulator::GatewayContext gateway() {
  return {emulator::make_uuid(), emulator::make_trace_id(), 443, std::chrono::system_clock::now()};
}

}  // namespace

TEST_SUITE("lambda") {
  TEST_CASE("the contexts of an event are JSON in $_SERVER, whatever the gateway") {
    for (const std::string& strategy : strategies_under_test()) {
      const Scratch scratch;
      Runtime runtime(runtime_options(scratch, {}, strategy));
      for (const Gateway& gateway : all_gateways()) {
        INFO(strategy << ", " << gateway.name);
        const std::string event = make_event(gateway, {"GET", "/", {}, {}});
        const Json dump = dump_of(runtime, event);
        CHECK(dump.text("server.LAMBDA_REQUEST_CONTEXT") == Json(event).raw("requestContext"));
        const Json invocation(dump.text("server.LAMBDA_INVOCATION_CONTEXT"));
        CHECK_FALSE(invocation.text("awsRequestId").empty());
        CHECK(invocation.integer("deadlineMs") > 0);
        CHECK(invocation.text("invokedFunctionArn").ends_with(":function:test"));
        CHECK_FALSE(invocation.text("traceId").empty());
        CHECK(dump.text("server.REMOTE_ADDR") == kClientAddress);
        CHECK(dump.text("server.REMOTE_PORT") == "0");
        CHECK(dump.text("server.SERVER_ADDR") == "127.0.0.1");
        CHECK(dump.text("server.SERVER_SOFTWARE").starts_with("phork/"));
        CHECK(dump.text("server.AWS_LAMBDA_FUNCTION_NAME") == "test");
      }
    }
  }

  TEST_CASE("a WebSocket's handshake is a GET, its messages and its end are POSTs to their route") {
    emulator::HttpRequest handshake;
    handshake.method = "GET";
    handshake.target = "/?room=7";
    handshake.headers = {{"host", "chat.example"}, {"cookie", "sid=1"}};
    handshake.remote_address = kClientAddress;
    for (const std::string& strategy : strategies_under_test()) {
      INFO(strategy);
      const Scratch scratch;
      Runtime runtime(runtime_options(scratch, {}, strategy));
      const Json connect =
          dump_of(runtime, testing::make_websocket_connect(kConnection, handshake, gateway()));
      CHECK(connect.text("server.REQUEST_METHOD") == "GET");
      CHECK(connect.text("server.REQUEST_URI") == "/$connect?room=7");
      CHECK(connect.text("get.room") == "7");
      CHECK(connect.text("cookie.sid") == "1");
      CHECK(connect.text("server.REMOTE_ADDR") == kClientAddress);

      testing::WebSocketMessage message{"m1", "say", R"({"action":"say","text":"größe"})"};
      const Json said =
          dump_of(runtime, testing::make_websocket_message(kConnection, message, gateway()));
      CHECK(said.text("server.REQUEST_METHOD") == "POST");
      CHECK(said.text("server.REQUEST_URI") == "/say");
      CHECK(said.text("input") == message.data);
      const Json context(said.text("server.LAMBDA_REQUEST_CONTEXT"));
      CHECK(context.text("connectionId") == kConnection.id);
      CHECK(context.text("eventType") == "MESSAGE");

      message = {"m2", "$default", std::string("\0\xff\x01", 3), true};
      const Json bytes =
          dump_of(runtime, testing::make_websocket_message(kConnection, message, gateway()));
      CHECK(bytes.text("server.REQUEST_URI") == "/$default");
      CHECK(bytes.text("input") == "bytes:00ff01");

      const Json end = dump_of(
          runtime, testing::make_websocket_disconnect(kConnection, 1001, "going away", gateway()));
      CHECK(end.text("server.REQUEST_URI") == "/$disconnect");
      CHECK(Json(end.text("server.LAMBDA_REQUEST_CONTEXT")).integer("disconnectStatusCode") ==
            1001);
    }
  }
}
