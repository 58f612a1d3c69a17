// SPDX-License-Identifier: MIT
#include <chrono>
#include <future>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/lambda/http_runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using testing::Connection;
using testing::event_response;
using testing::ScriptedServer;
using testing::status_response;

// The time in which a client could make the mistake that a case looks for.
constexpr std::chrono::milliseconds kReactionTime{20};

}  // namespace

TEST_SUITE_BEGIN("interrupt");

TEST_CASE("an interrupt before next stops it before it sends a request") {
  ScriptedServer server({});
  HttpRuntimeApi api(server.endpoint());
  api.interrupt();
  for (int i = 0; i < 2; ++i) {
    const auto got = api.next();
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kStopped);
  }
  server.join();
  CHECK_FALSE(server.has_uninvited());
}

TEST_CASE("an interrupt ends a waiting next, and each later one") {
  std::promise<void> asked;
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    asked.set_value();
    connection.read_request();  // until the client closes
  }});
  HttpRuntimeApi api(server.endpoint());
  std::thread interrupter([&] {
    asked.get_future().wait();
    api.interrupt();
  });
  const auto got = api.next();
  interrupter.join();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::kStopped);
  CHECK(got.error().text.find(server.endpoint().text()) != std::string::npos);
  CHECK(api.next().error().kind == ErrorKind::kStopped);
}

TEST_CASE("an interrupt at any moment around next is not lost") {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    ScriptedServer server({[](Connection& connection) {
      connection.read_request();
      connection.read_request();
    }});
    HttpRuntimeApi api(server.endpoint());
    std::promise<void> go;
    std::thread interrupter([&, start = go.get_future()] {
      start.wait();
      for (int spin = 0; spin < round * 20; ++spin) std::this_thread::yield();
      api.interrupt();
    });
    go.set_value();
    const auto got = api.next();
    interrupter.join();
    REQUIRE_FALSE(got.ok());
    REQUIRE(got.error().kind == ErrorKind::kStopped);
  }
}

TEST_CASE("an answer in flight is completed, and later ones can still be sent") {
  HttpRuntimeApi* interrupted = nullptr;
  bool left = false;
  std::string first;
  std::string second;
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    connection.send(event_response("r-1"));
    first = connection.read_request();
    interrupted->interrupt();
    left = connection.is_left_within(kReactionTime);
    connection.send(status_response("202 Accepted"));
    second = connection.read_request();
    connection.send(status_response("202 Accepted"));
  }});
  HttpRuntimeApi api(server.endpoint());
  interrupted = &api;
  const auto got = api.next();
  REQUIRE(got.ok());
  const auto answered = api.respond(got.value(), {"{}"});
  REQUIRE(answered.ok());
  CHECK(answered->accepted());
  const auto failed = api.fail(got.value(), {"T", "m", {}});
  REQUIRE(failed.ok());
  CHECK(failed->accepted());
  CHECK(api.next().error().kind == ErrorKind::kStopped);
  server.join();
  CHECK_FALSE(left);
  CHECK(first.find("/response") != std::string::npos);
  CHECK(second.find("/error") != std::string::npos);
}

TEST_CASE("an event that has begun to arrive is returned in spite of an interrupt") {
  HttpRuntimeApi* interrupted = nullptr;
  bool left = false;
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    const std::string response = event_response("r-1", "{\"n\":1}");
    connection.send(response.substr(0, 20));
    interrupted->interrupt();
    left = connection.is_left_within(kReactionTime);
    connection.send(response.substr(20));
  }});
  HttpRuntimeApi api(server.endpoint());
  interrupted = &api;
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->event == "{\"n\":1}");
  server.join();
  CHECK_FALSE(left);
}

TEST_SUITE_END();

}  // namespace phork::lambda
