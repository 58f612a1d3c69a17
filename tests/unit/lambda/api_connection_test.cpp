// SPDX-License-Identifier: MIT
#include "runtime/lambda/api_connection.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <future>
#include <pthread.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

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
using namespace std::chrono_literals;

const Endpoint kNobody{"127.0.0.1", 1};
constexpr std::string_view kNext = "/2018-06-01/runtime/invocation/next";

// A connection that was handed down, and the server's end of it.
struct Handed {
  explicit Handed(int type = SOCK_STREAM, std::chrono::milliseconds timeout = 10s)
      : connection(kNobody, {.user_agent = "test", .timeout = timeout}) {
    auto [client, other] = testing::connected_pair(type, timeout);
    server = std::move(other);
    connection.adopt(std::move(client));
  }

  // The bytes that one recv takes, without waiting; "" when there are none.
  std::string received() {
    std::array<char, 4096> chunk{};
    const ssize_t size = ::recv(server.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    return size <= 0 ? "" : std::string(chunk.data(), static_cast<std::size_t>(size));
  }

  void send(std::string_view bytes) {
    CHECK(::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  }

  base::Fd server;
  ApiConnection connection;
};

// True when the client has ended the connection for everybody who holds it.
bool is_ended(const base::Fd& server) {
  char byte = 0;
  return ::recv(server.get(), &byte, 1, MSG_DONTWAIT) == 0;
}

}  // namespace

TEST_SUITE_BEGIN("api connection");

TEST_CASE("head and body are one message") {
  Handed handed(SOCK_SEQPACKET);  // one recv is one send
  handed.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(handed.connection.post("/p", "A: b\r\n", "body").ok());
  CHECK(handed.received() ==
        "POST /p HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: test\r\nA: b\r\n"
        "Content-Length: 4\r\n\r\nbody");
  handed.send(event_response("r"));
  REQUIRE(handed.connection.get("/n").ok());
  CHECK(handed.received() == "GET /n HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: test\r\n\r\n");
  CHECK(handed.received().empty());
  CHECK_FALSE(handed.connection.has_reconnected());
}

TEST_CASE("a post has a limit, and its connection is not used again") {
  Handed handed(SOCK_STREAM, 1ms);
  const auto reply = handed.connection.post("/p", "", "");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == ErrorKind::kDisconnected);
  CHECK(reply.error().text == "lambda: post '127.0.0.1:1': no response for 1 ms");
  CHECK(handed.connection.socket() == -1);
  CHECK_FALSE(handed.received().empty());
  CHECK(is_ended(handed.server));
}

TEST_CASE("a get waits for longer than the limit, even when signals arrive") {
  struct sigaction action {};

  action.sa_handler = [](int) {};

  struct sigaction before {};

  ::sigaction(SIGUSR1, &action, &before);
  Handed handed(SOCK_STREAM, 1ms);
  const pthread_t reader = ::pthread_self();
  std::jthread server([&] {
    const auto end = std::chrono::steady_clock::now() + 20ms;
    while (std::chrono::steady_clock::now() < end) {
      ::pthread_kill(reader, SIGUSR1);
      std::this_thread::yield();
    }
    handed.send(event_response("r", "[1]"));
  });
  const auto reply = handed.connection.get("/n");
  server.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  REQUIRE(reply.ok());
  CHECK(reply->body() == "[1]");
}

TEST_CASE("a reply that has begun to arrive has a limit") {
  Handed handed(SOCK_STREAM, 1ms);
  handed.send("HTTP/1.1 200 OK\r\n");
  const auto reply = handed.connection.get("/n");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().text == "lambda: get '127.0.0.1:1': no response for 1 ms");
}

TEST_CASE("without a poll, an interrupt ends a waiting get when its limit has passed") {
  Handed handed(SOCK_STREAM, 1ms);
  std::jthread interrupter([&] { handed.connection.interrupt(); });
  CHECK(handed.connection.get("/n").error().kind == ErrorKind::kStopped);
}

TEST_CASE("a connection goes from client to client between two exchanges") {
  ScriptedServer server({[](Connection& connection) {
    for (int i = 0; i < 3; ++i) {
      connection.read_request();
      connection.send(event_response("r-" + std::to_string(i)));
      connection.read_request();
      connection.send(status_response("202 Accepted"));
    }
  }});
  base::Fd socket;
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    HttpRuntimeApi api(server.endpoint());
    api.connection().adopt(std::move(socket));
    const auto got = api.next();
    REQUIRE(got.ok());
    CHECK(got->request_id == "r-" + std::to_string(i));
    REQUIRE(api.respond(got.value(), {"{}"}).ok());
    CHECK(api.connection().has_reconnected() == (i == 0));
    socket = base::Fd(::fcntl(api.connection().socket(), F_DUPFD_CLOEXEC, 0));
    REQUIRE(socket.valid());
  }
  server.join();
  CHECK_FALSE(server.has_uninvited());
}

TEST_CASE("a connection that was handed down and has ended is replaced, which shows") {
  const auto serve = [](Connection& connection) {
    connection.read_request();
    connection.send(event_response("r-1"));
  };
  ScriptedServer server({serve});
  HttpRuntimeApi api(server.endpoint());
  auto [client, other] = testing::connected_pair(SOCK_STREAM, 10s);
  bool is_file = false;
  SUBCASE("before the request") {
    other.reset();
  }
  SUBCASE("behind the request") {
    CHECK(::shutdown(other.get(), SHUT_WR) == 0);
  }
  SUBCASE("the function closed the descriptor") {
    static_cast<void>(::close(client.get()));
  }
  SUBCASE("the function closed the descriptor and opened a file") {
    REQUIRE(::dup2(STDERR_FILENO, client.get()) == client.get());
    is_file = true;
  }
  const int number = client.get();
  api.connection().adopt(std::move(client));
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->request_id == "r-1");
  CHECK(api.connection().has_reconnected());
  if (is_file) CHECK(::close(number) == 0);  // it was left open
}

TEST_CASE("bytes behind a reply end the connection, for all who hold it") {
  for (const std::size_t body_bytes :
       {std::size_t{2}, std::size_t{100'000}, std::size_t{6} << 20U}) {
    CAPTURE(body_bytes);
    Handed handed;
    const std::string body(body_bytes, 'x');
    std::jthread server([&] {
      Connection end(base::Fd(::fcntl(handed.server.get(), F_DUPFD_CLOEXEC, 0)));
      end.read_request();
      // The surplus is in the socket before the reply can be complete.
      end.send(event_response("r", body) + "HTTP/1.1 202 Accepted\r\n\r\n");
    });
    const auto reply = handed.connection.get("/n");
    server.join();
    REQUIRE(reply.ok());
    CHECK((reply->body() == body));
    CHECK_FALSE(reply->keeps_connection);
    CHECK(handed.connection.socket() == -1);
    CHECK(is_ended(handed.server));
  }
}

TEST_CASE("the raw bytes of a reply are those that came, and give the same event again") {
  const std::string chunked =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a%41\r\n"
      "lambda-runtime-trace-id: Root=1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\n50%2\r\n3\r\n0of\r\n0\r\n\r\n";
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    connection.send(chunked);
    connection.read_request();
  }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(api.raw_next() == chunked);
  const std::string kept(api.raw_next());
  const auto again = read_next_reply(kept);
  REQUIRE(again.ok());
  CHECK(again->request_id == "a%41");
  CHECK(again->trace_id == "Root=1");
  CHECK(again->event == got->event);
  CHECK(again->event == "50%20of");
}

TEST_CASE("bytes that are not a whole reply with an event are refused") {
  const std::string whole = event_response("r-1", "{}");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto got = read_next_reply(whole.substr(0, size));
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kInvalid);
    CHECK(got.error().text == "lambda: read next: expected a whole http response, got " +
                                  std::to_string(size) + " bytes of one");
  }
  CHECK(read_next_reply("secret").error().text ==
        "lambda: read next: expected an http response, got something else");
  CHECK(read_next_reply(event_response("")).error().text ==
        "lambda: read next: expected header Lambda-Runtime-Aws-Request-Id, got none");
  CHECK(read_next_reply(status_response("403 Forbidden")).error().kind == ErrorKind::kRefused);
}

TEST_CASE("a name is resolved") {
  ScriptedServer server({[](Connection& connection) {
    connection.read_request();
    connection.send(event_response("r-1"));
  }});
  ApiConnection connection({"localhost", server.endpoint().port});
  CHECK(connection.get(std::string(kNext)).ok());

  ApiConnection nowhere({"no such host", 1});
  const auto reply = nowhere.get("/");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().text.starts_with("lambda: get 'no such host:1': cannot connect: "));
}

TEST_SUITE_END();

}  // namespace phork::lambda
