// SPDX-License-Identifier: MIT
#include "runtime/lambda/extension.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/captured.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using phork::testing::captured;
using testing::Connection;
using testing::ScriptedServer;
using testing::status_response;

constexpr std::chrono::milliseconds kTimeout{10'000};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Threads of this process that block SIGTERM.
int threads_without_sigterm() {
  int found = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      const auto blocked = std::stoull(line.substr(7), nullptr, 16);
      found += static_cast<int>(blocked >> (SIGTERM - 1) & 1U);
    }
  }
  return found;
}

std::string enrolled_response() {
  return "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: id-1\r\nContent-Length: 2\r\n\r\n{}";
}

}  // namespace

TEST_SUITE_BEGIN("extension");

TEST_CASE("an extension registers with its name and without events, and gets its identifier") {
  std::string request;
  ScriptedServer server({[&](Connection& connection) {
    request = connection.read_request();
    connection.send(enrolled_response());
  }});
  const auto identifier = Extension(server.endpoint()).enroll();
  server.join();
  REQUIRE(identifier.ok());
  CHECK(identifier.value() == "id-1");
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

TEST_CASE("a parked extension waits for an event with its identifier until it is interrupted") {
  std::promise<std::string> asked;
  std::string after;
  ScriptedServer server({[&](Connection& connection) {
    asked.set_value(connection.read_request());
    after = connection.read_request();  // until the client closes
  }});
  Extension extension(server.endpoint());
  auto parked = std::async(std::launch::async, [&] { return extension.park("id-1"); });
  auto request = asked.get_future();
  REQUIRE(request.wait_for(kTimeout) == std::future_status::ready);
  const std::string text = request.get();
  CHECK(text.starts_with("GET /2020-01-01/extension/event/next HTTP/1.1\r\n"));
  CHECK(contains(text, "\r\nLambda-Extension-Identifier: id-1\r\n"));
  CHECK(parked.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  extension.interrupt();
  CHECK(parked.get().kind == ErrorKind::kStopped);
  server.join();
  CHECK(after.empty());
}

TEST_CASE("an answer to a parked extension is an error that names its status") {
  ScriptedServer server({[](Connection& connection) {
    connection.read_request();
    connection.send(status_response("500 Internal Server Error"));
  }});
  const auto error = Extension(server.endpoint()).park("id-1");
  CHECK(error.kind == ErrorKind::kRefused);
  CHECK(contains(error.text, "got status 500"));
}

TEST_CASE("the parked thread blocks signals, and ends with its owner without a log line") {
  std::promise<void> asked;
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    connection.send(enrolled_response());
    connection.read_request();
    asked.set_value();
    connection.read_request();
  }});
  int meanwhile = 0;
  const std::string log = captured(STDERR_FILENO, [&] {
    const ParkedExtension parked(server.endpoint());
    CHECK(parked.identifier() == "id-1");
    asked.get_future().wait();
    meanwhile = threads_without_sigterm();
  });
  CHECK(log.empty());
  // A thread that has been joined stays in /proc for a moment.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (threads_without_sigterm() >= meanwhile && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  CHECK(meanwhile == threads_without_sigterm() + 1);
}

TEST_CASE("an extension that the replaced process registered is not registered again") {
  std::promise<std::string> first;
  ScriptedServer server({[&](Connection& connection) {
    first.set_value(connection.read_request());
    connection.read_request();
  }});
  const ParkedExtension parked(server.endpoint(), "id-7");
  CHECK(parked.identifier() == "id-7");
  const std::string request = first.get_future().get();
  CHECK(request.starts_with("GET "));
  CHECK(contains(request, "id-7"));
}

TEST_CASE("a failed registration is logged once, and no thread is parked") {
  ScriptedServer server({[](Connection& connection) {
    connection.read_request();
    connection.send(status_response("404 Not Found"));
  }});
  const std::string log = captured(STDERR_FILENO, [&] {
    const ParkedExtension parked(server.endpoint());
    CHECK(parked.identifier().empty());
  });
  server.join();
  CHECK_FALSE(server.has_uninvited());
  CHECK(contains(log, "got 404; there will be no graceful shutdown"));
  CHECK(log.find('\n') == log.size() - 1);
}

TEST_SUITE_END();

}  // namespace phork::lambda
