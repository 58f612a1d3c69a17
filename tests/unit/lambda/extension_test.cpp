// SPDX-License-Identifier: MIT
#include "runtime/lambda/extension.h"

#include <chrono>
#include <future>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <thread>

#include <doctest/doctest.h>

#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using testing::Connection;
using testing::ScriptedServer;
using testing::status_response;

constexpr std::chrono::milliseconds kTimeout{10'000};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// True when there is something to collect within `limit`.
bool wait_readable(const Extension& extension, std::chrono::milliseconds limit = kTimeout) {
  pollfd watched{extension.socket(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

// Lets an extension register; returns its request.
std::string enroll(Connection& connection) {
  std::string request = connection.read_request();
  connection.send(
      "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: id-1\r\nContent-Length: 2\r\n\r\n{}");
  return request;
}

}  // namespace

TEST_SUITE_BEGIN("extension");

TEST_CASE("an extension registers with its name and without events") {
  std::string request;
  ScriptedServer server({[&](Connection& connection) { request = enroll(connection); }});
  CHECK(Extension(server.endpoint()).enroll().ok());
  server.join();
  CHECK(request.starts_with("POST /2020-01-01/extension/register HTTP/1.1\r\n"));
  CHECK(contains(request, "\r\nLambda-Extension-Name: phork\r\n"));
  CHECK(request.ends_with("\r\n\r\n{\"events\":[]}"));
}

TEST_CASE("a refusal, an answer without identifier and a closed API give different errors") {
  ScriptedServer refusing({[](Connection& connection) {
    connection.read_request();
    connection.send(status_response("403 Forbidden"));
  }});
  const auto refused = Extension(refusing.endpoint()).enroll();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::kRefused);
  CHECK(contains(refused.error().text, "got 403"));

  ScriptedServer forgetful({[](Connection& connection) {
    connection.read_request();
    connection.send(status_response("200 OK"));
  }});
  const auto nameless = Extension(forgetful.endpoint()).enroll();
  REQUIRE_FALSE(nameless.ok());
  CHECK(nameless.error().kind == ErrorKind::kInvalid);
  CHECK(contains(nameless.error().text, "Lambda-Extension-Identifier"));

  const auto gone = Extension(testing::closed_endpoint()).enroll();
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().kind == ErrorKind::kDisconnected);
}

TEST_CASE("a parked extension asks with its identifier, and there is nothing to collect") {
  std::promise<std::string> asked;
  std::string after;
  ScriptedServer server({[&](Connection& connection) {
    enroll(connection);
    asked.set_value(connection.read_request());
    after = connection.read_request();  // until the client closes
  }});
  {
    Extension extension(server.endpoint());
    REQUIRE(extension.enroll().ok());
    REQUIRE(extension.ask().ok());
    auto request = asked.get_future();
    REQUIRE(request.wait_for(kTimeout) == std::future_status::ready);
    const std::string text = request.get();
    CHECK(text.starts_with("GET /2020-01-01/extension/event/next HTTP/1.1\r\n"));
    CHECK(contains(text, "\r\nLambda-Extension-Identifier: id-1\r\n"));
    CHECK_FALSE(wait_readable(extension, std::chrono::milliseconds(0)));
  }
  server.join();
  CHECK(after.empty());
}

TEST_CASE("an answer to a parked extension is an error that names its status") {
  ScriptedServer server({[](Connection& connection) {
    enroll(connection);
    connection.read_request();
    connection.send(status_response("500 Internal Server Error"));
  }});
  Extension extension(server.endpoint());
  REQUIRE(extension.enroll().ok());
  REQUIRE(extension.ask().ok());
  REQUIRE(wait_readable(extension));
  const auto collected = extension.collect();
  REQUIRE_FALSE(collected.ok());
  CHECK(collected.error().kind == ErrorKind::kRefused);
  CHECK(contains(collected.error().text, "got status 500"));
}

TEST_CASE("an answer in two parts is read from a socket that its watcher made non-blocking") {
  std::promise<void> first_read;
  ScriptedServer server({[&](Connection& connection) {
    enroll(connection);
    connection.read_request();
    const std::string answer = status_response("500 Internal Server Error");
    connection.send(answer.substr(0, 20));
    first_read.get_future().wait();
    connection.send(answer.substr(20));
  }});
  Extension extension(server.endpoint());
  REQUIRE(extension.enroll().ok());
  REQUIRE(extension.ask().ok());
  REQUIRE(wait_readable(extension));
  const int socket = extension.socket();
  int on = 1;
  REQUIRE(::ioctl(socket, FIONBIO, &on) == 0);
  auto collected = std::async(std::launch::async, [&] { return extension.collect(); });
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  for (int unread = 1; unread > 0 && std::chrono::steady_clock::now() < deadline;) {
    if (::ioctl(socket, FIONREAD, &unread) == -1) break;
    std::this_thread::yield();
  }
  first_read.set_value();
  const auto result = collected.get();
  REQUIRE_FALSE(result.ok());
  CHECK(contains(result.error().text, "got status 500"));
}

TEST_CASE("an extension whose connection the API closes asks once more, on another") {
  std::string again;
  ScriptedServer server({[](Connection& connection) {
                           enroll(connection);
                           connection.read_request();
                         },
                         [&](Connection& connection) { again = connection.read_request(); }});
  Extension extension(server.endpoint());
  REQUIRE(extension.enroll().ok());
  REQUIRE(extension.ask().ok());
  REQUIRE(wait_readable(extension));
  REQUIRE(extension.collect().ok());
  REQUIRE(extension.ask().ok());
  REQUIRE(wait_readable(extension));
  const auto collected = extension.collect();
  REQUIRE_FALSE(collected.ok());
  CHECK(collected.error().kind == ErrorKind::kDisconnected);
  server.join();
  CHECK(contains(again, "\r\nLambda-Extension-Identifier: id-1\r\n"));
}

TEST_SUITE_END();

}  // namespace phork::lambda
