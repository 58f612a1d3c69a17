// SPDX-License-Identifier: MIT
#include "emulator/http/server.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

using namespace phork::emulator;
using phork::base::Fd;

namespace {

// Replies with the request as it was read.
class EchoHandler final : public HttpHandler {
 public:
  std::size_t body_limit(const HttpRequest& /*head*/) const override { return 10; }

  void handle(HttpRequest request, HttpConnection& connection) override {
    std::string body = request.method + ' ' + request.target + ' ' + request.body;
    if (request.body_too_large) body += "[too large]";
    if (request.body_truncated) body += "[truncated]";
    for (const auto& trailer : request.trailers) body += trailer.name + '=' + trailer.value;
    connection.send({200, {}, std::move(body)});
  }
};

Fd connect_to(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

// Sends `bytes`, closes its side, and returns everything that comes back.
std::string exchange(std::uint16_t port, const std::string& bytes) {
  const Fd socket = connect_to(port);
  REQUIRE(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  ::shutdown(socket.get(), SHUT_WR);
  std::string answer;
  std::array<char, 4096> part;
  for (ssize_t got = 0; (got = ::recv(socket.get(), part.data(), part.size(), 0)) > 0;) {
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

struct Fixture {
  EchoHandler handler;
  HttpServer server{handler};

  Fixture() { REQUIRE(server.start(0).ok()); }

  std::string ask(const std::string& bytes) const { return exchange(server.port(), bytes); }
};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "requests that follow one another on a connection are each answered") {
  CHECK(ask("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 "
            "HTTP/1.1\r\n\r\n") == ok("GET /1 ") + ok("POST /2 abc") + ok("GET /3 "));
}

TEST_CASE_FIXTURE(Fixture, "any method and a body on GET are read") {
  CHECK(ask("PURGE / HTTP/1.1\r\n\r\n") == ok("PURGE / "));
  CHECK(ask("GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi") == ok("GET / hi"));
}

TEST_CASE_FIXTURE(Fixture, "a chunked body is put together and its trailers are kept") {
  CHECK(ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n"
            "X-End: 1\r\n\r\n") == ok("POST / abcdex-end=1"));
}

TEST_CASE_FIXTURE(Fixture, "a body over the limit is dropped and the connection goes on") {
  CHECK(ask("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n12345678901GET / HTTP/1.1\r\n\r\n") ==
        ok("POST / [too large]") + ok("GET / "));
}

TEST_CASE_FIXTURE(Fixture, "a body that ends early or breaks its framing counts as truncated") {
  CHECK(ask("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab") == ok("POST / ab[truncated]"));
  CHECK(ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") ==
        ok("POST / [truncated]"));
}

TEST_CASE_FIXTURE(Fixture, "HEAD gets the length without the body") {
  CHECK(ask("HEAD / HTTP/1.1\r\n\r\n") == "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a client that expects 100 gets it before the reply") {
  CHECK(ask("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx") ==
        "HTTP/1.1 100 Continue\r\n\r\n" + ok("POST / x"));
}

TEST_CASE_FIXTURE(Fixture, "a long target is served and an endless head is refused") {
  const std::string target = "/" + std::string(100'000, 'x');
  CHECK(ask("GET " + target + " HTTP/1.1\r\n\r\n") == ok("GET " + target + " "));
  const std::string refused = ask("GET /" + std::string(kMaxHeadBytes + 100'000, 'x'));
  CHECK(refused.starts_with("HTTP/1.1 431 "));
}

TEST_CASE_FIXTURE(Fixture, "anything but HTTP gets a 400, and the connection closes") {
  CHECK(ask("hello\r\n\r\nGET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "many connections may be open at once") {
  std::vector<Fd> idle;
  for (int i = 0; i < 50; ++i) idle.push_back(connect_to(server.port()));
  CHECK(ask("GET / HTTP/1.1\r\n\r\n") == ok("GET / "));
}

TEST_CASE_FIXTURE(Fixture, "a port in use is refused by name and never shared") {
  EchoHandler other;
  HttpServer second(other);
  const phork::base::Status started = second.start(server.port());
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().kind == phork::base::ErrorKind::kRefused);
  CHECK(started.error().text.find(std::to_string(server.port())) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "stopping closes connections that are idle") {
  const Fd socket = connect_to(server.port());
  server.stop();
  char byte = 0;
  CHECK(::recv(socket.get(), &byte, 1, 0) <= 0);
}
