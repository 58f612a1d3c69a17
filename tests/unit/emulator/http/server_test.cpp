// SPDX-License-Identifier: MIT
#include "emulator/http/server.h"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/io.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
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

// Replies once the test releases it.
class BlockingHandler final : public HttpHandler {
 public:
  std::size_t body_limit(const HttpRequest& /*head*/) const override { return 0; }

  void handle(HttpRequest /*request*/, HttpConnection& connection) override {
    std::unique_lock lock(mutex_);
    ++requests_;
    changed_.notify_all();
    changed_.wait_for(lock, 20s, [this] { return released_; });
    lock.unlock();
    connection.send({200, {}, {}});
  }

  void wait_for(int requests) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 20s, [this, requests] { return requests_ == requests; }));
  }

  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int requests_ = 0;
  bool released_ = false;
};

// Replies with more than a connection holds, and tells whether all of it was sent.
class LargeHandler final : public HttpHandler {
 public:
  std::size_t body_limit(const HttpRequest& /*head*/) const override { return 0; }

  void handle(HttpRequest /*request*/, HttpConnection& connection) override {
    sent.set_value(connection.send({200, {}, std::string(std::size_t{16} << 20, 'x')}));
  }

  std::promise<bool> sent;
};

class ThrowingHandler final : public HttpHandler {
 public:
  std::size_t body_limit(const HttpRequest& /*head*/) const override { return 0; }

  void handle(HttpRequest /*request*/, HttpConnection& /*connection*/) override {
    throw std::runtime_error("no memory");
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

void send_text(const Fd& socket, std::string_view text) {
  ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

bool is_readable(const Fd& socket, std::chrono::milliseconds time) {
  return phork::base::wait_readable(socket.get(), std::chrono::steady_clock::now() + time);
}

// All bytes until the other side closes.
std::string receive_all(const Fd& socket) {
  std::string answer;
  std::array<char, 4096> part;
  for (ssize_t got = 0; (got = ::recv(socket.get(), part.data(), part.size(), 0)) > 0;) {
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

// Sends `bytes`, closes its side, and returns everything that comes back. The server may close
// before it has read all of it.
std::string exchange(std::uint16_t port, const std::string& bytes) {
  const Fd socket = connect_to(port);
  send_text(socket, bytes);
  ::shutdown(socket.get(), SHUT_WR);
  return receive_all(socket);
}

struct Fixture {
  EchoHandler handler;
  HttpServer server;

  explicit Fixture(const HttpLimits& limits = {}) : server(handler, limits) {
    REQUIRE(server.start(0).ok());
  }

  std::string ask(const std::string& bytes) const { return exchange(server.port(), bytes); }
};

std::string reply(const std::string& body, const std::string& more) {
  return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" + more +
         "\r\n" + body;
}

std::string ok(const std::string& body) {
  return reply(body, "");
}

std::string closing(const std::string& body) {
  return reply(body, "connection: close\r\n");
}

// A request whose body is in chunks.
std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

// Ends after one request and a reply with this status.
bool is_refused(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ") &&
         answer.find("\r\nconnection: close\r\n") != std::string::npos &&
         answer.find("HTTP/1.1", 1) == std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "requests that follow one another on a connection are each answered") {
  CHECK(ask("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: "
            "3\r\n\r\nabcGET /3 "
            "HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET /1 ") + ok("POST /2 abc") + ok("GET /3 "));
}

TEST_CASE_FIXTURE(Fixture, "any method and a body on GET are read") {
  CHECK(ask("PURGE / HTTP/1.1\r\nHost: a\r\n\r\n") == ok("PURGE / "));
  CHECK(ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi") == ok("GET / hi"));
}

TEST_CASE_FIXTURE(Fixture, "a chunked body is put together and its trailers are kept") {
  CHECK(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n"
            "X-End: 1\r\n\r\n") == ok("POST / abcdex-end=1"));
}

TEST_CASE_FIXTURE(Fixture, "a body over the limit is dropped and the connection goes on") {
  CHECK(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901GET / "
            "HTTP/1.1\r\nHost: a\r\n\r\n") == ok("POST / [too large]") + ok("GET / "));
}

TEST_CASE_FIXTURE(Fixture, "a body that ends early or breaks its framing counts as truncated") {
  CHECK(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab") ==
        closing("POST / ab[truncated]"));
  CHECK(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") ==
        closing("POST / [truncated]"));
}

TEST_CASE_FIXTURE(Fixture, "HEAD gets the length without the body") {
  CHECK(ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") ==
        "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "a client that expects 100 gets it before the reply") {
  CHECK(ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx") ==
        "HTTP/1.1 100 Continue\r\n\r\n" + ok("POST / x"));
}

TEST_CASE_FIXTURE(Fixture, "a request whose end is not certain is refused, and none follows it") {
  const std::string next = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  for (const std::string& head :
       {std::string("Content-Length: 2\r\nContent-Length: 3\r\n\r\n"),
        std::string("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        std::string("Content-Length: +1\r\n\r\n"), std::string("Host: b\r\n\r\n"),
        std::string("X: y\n\r\n"), std::string("X : y\r\n\r\n"), std::string("X: y\r\n z\r\n\r\n"),
        std::string("X: a\rb\r\n\r\n"), std::string("Transfer-Encoding: xchunked\r\n\r\n")}) {
    CAPTURE(head);
    CHECK(is_refused(ask(post + head + next), 400));
  }
  CHECK(is_refused(ask("GET / HTTP/1.1\r\n\r\n" + next), 400));
  CHECK(is_refused(ask("GET / HTTP/1.1\nHost: a\n\n" + next), 400));
  CHECK(is_refused(ask("GET / HTTP/1.1\r\nHost: a\r\n"), 400));
  CHECK(is_refused(ask(post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + next), 501));
  CHECK(is_refused(ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n" + next), 505));
}

TEST_CASE_FIXTURE(Fixture, "a chunk without a right size or end breaks the body") {
  for (const char* body :
       {"3\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "-1\r\na\r\n",
        "+3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n", "3 x\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n", "0\r\nA : b\r\n\r\n", "0\r\nA: b\n\r\n"}) {
    CAPTURE(body);
    const std::string answer = ask(chunked(body) + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(is_refused(answer, 200));
    CHECK(answer.ends_with("[truncated]"));
  }
  CHECK(ask(chunked("3 ;x\r\nabc\r\n0;y\r\n\r\n")) == ok("POST / abc"));
  CHECK(ask(chunked("00A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n")) == ok("POST / 0123456789"));
}

TEST_CASE_FIXTURE(Fixture, "a target may be absolute, and '*' asks the server itself") {
  CHECK(ask("GET http://b/x?y HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET /x?y "));
  CHECK(ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "empty lines before a request are skipped, but not many") {
  CHECK(ask("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET / "));
  CHECK(is_refused(ask("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"), 400));
}

TEST_CASE_FIXTURE(Fixture, "a long target is served and an endless head is refused") {
  const std::string target = "/" + std::string(100'000, 'x');
  CHECK(ask("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET " + target + " "));
  const std::string refused = ask("GET /" + std::string(kMaxHeadBytes + 100'000, 'x'));
  CHECK(is_refused(refused, 431));
}

TEST_CASE_FIXTURE(Fixture, "trailers are limited, each and all together") {
  const std::string many(kMaxHeadBytes / 1000, 'x');
  std::string trailers;
  for (int i = 0; i < 1000; ++i) trailers += "t: " + many + "\r\n";
  CHECK(is_refused(ask(chunked("0\r\n" + trailers + "\r\n")), 431));
  CHECK(is_refused(ask(chunked("0\r\nt: " + std::string(kMaxHeadBytes, 'x') + "\r\n\r\n")), 431));
}

TEST_CASE_FIXTURE(Fixture, "anything but HTTP gets a 400, and the connection closes") {
  CHECK(ask("hello\r\n\r\nGET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "many connections may be open at once") {
  std::vector<Fd> idle;
  for (int i = 0; i < 50; ++i) idle.push_back(connect_to(server.port()));
  CHECK(ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET / "));
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

TEST_CASE("a request that does not come to its end gets a 408") {
  const Fixture impatient(HttpLimits{.timeouts = {.head = 50ms, .idle = 0ms, .body = 50ms}});
  for (const char* part :
       {"G", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b"}) {
    CAPTURE(part);
    const Fd socket = connect_to(impatient.server.port());
    send_text(socket, part);
    CHECK(is_refused(receive_all(socket), 408));
  }
}

TEST_CASE("a body that trickles in is too slow, one that keeps its pace is not") {
  const Fixture impatient(HttpLimits{.timeouts = {.body = 50ms}});
  const Fd socket = connect_to(impatient.server.port());
  send_text(socket, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  // Each byte buys a thousandth of a second, and costs more than that.
  while (!is_readable(socket, 5ms)) send_text(socket, "x");
  CHECK(is_refused(receive_all(socket), 408));
}

TEST_CASE("a connection without a request is closed without a word") {
  const Fixture impatient(HttpLimits{.timeouts = {.idle = 10ms}});
  const Fd socket = connect_to(impatient.server.port());
  CHECK(receive_all(socket).empty());
}

TEST_CASE("where no more threads may be, those that only wait make room") {
  const Fixture small(HttpLimits{.connections = 3});
  std::vector<Fd> half;
  for (int i = 0; i < 20; ++i) {
    half.push_back(connect_to(small.server.port()));
    send_text(half.back(), "GET / HT");
  }
  CHECK(small.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n") == ok("GET / "));
  CHECK(is_refused(receive_all(half.front()), 503));
}

TEST_CASE("where all threads have a request, another connection gets a 503") {
  BlockingHandler blocking;
  HttpServer server(blocking, HttpLimits{.connections = 2});
  REQUIRE(server.start(0).ok());
  std::vector<Fd> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(connect_to(server.port()));
    send_text(busy.back(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    blocking.wait_for(i + 1);
  }
  CHECK(is_refused(exchange(server.port(), ""), 503));
  blocking.release();
  for (const Fd& socket : busy) {
    ::shutdown(socket.get(), SHUT_WR);
    CHECK(receive_all(socket) == ok(""));
  }
  CHECK(exchange(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n") == ok(""));
}

TEST_CASE("a client that reads nothing loses its connection") {
  LargeHandler large;
  HttpServer server(large, HttpLimits{.timeouts = {.send = 50ms}});
  REQUIRE(server.start(0).ok());
  const Fd socket = connect_to(server.port());
  send_text(socket, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK_FALSE(large.sent.get_future().get());
}

TEST_CASE("an exception in a handler costs its request only") {
  ThrowingHandler throwing;
  HttpServer server(throwing);
  REQUIRE(server.start(0).ok());
  for (int i = 0; i < 2; ++i) {
    CHECK(is_refused(exchange(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 500));
  }
}
