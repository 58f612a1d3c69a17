// SPDX-License-Identifier: MIT
//
// The connection, against a stand-in for php-fpm that sends exactly the bytes of a case.
#include "strategies/fpm/connection.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/socket_io.h"

namespace {

using namespace phork;
using base::ErrorKind;
using strategies::FpmConnection;
using strategies::FpmReply;

constexpr std::chrono::seconds kTimeout{10};

base::Deadline soon() {
  return std::chrono::steady_clock::now() + kTimeout;
}

std::string record(int type, const std::string& content) {
  std::string bytes{'\x01', static_cast<char>(type), '\0', '\x01'};
  bytes.push_back(static_cast<char>(content.size() >> 8U));
  bytes.push_back(static_cast<char>(content.size() & 0xFFU));
  return bytes.append(2, '\0') + content;
}

std::string output(const std::string& text) {
  return record(6, text);
}

std::string end(char protocol_status = 0) {
  return record(3, std::string(4, '\0') + protocol_status + std::string(3, '\0'));
}

const std::string kHead = "Status: 404 Not Found\r\nX-A: 1\r\n\r\n";

struct Line {
  FpmConnection ours;
  base::Fd theirs;
};

Line make_line() {
  auto pair = base::make_socket_pair(SOCK_STREAM);
  REQUIRE(pair.ok());
  REQUIRE(::fcntl(pair->first.get(), F_SETFL, O_NONBLOCK) == 0);
  return {FpmConnection(std::move(pair->first)), std::move(pair->second)};
}

void say(const Line& line, const std::string& bytes) {
  REQUIRE(base::send_all(line.theirs.get(), bytes, {}).ok());
}

strategies::FpmRequest request(std::string_view body = {}) {
  auto encoded = strategies::fastcgi::encode_request({{"REQUEST_METHOD", "POST"}}, body);
  REQUIRE(encoded.ok());
  return std::move(encoded).value();
}

// Reads until `bytes` have come.
std::string receive(const base::Fd& socket, std::size_t bytes) {
  std::string all(bytes, '\0');
  for (std::size_t got = 0; got < bytes;) {
    const auto some = base::receive_some(socket.get(), all.data() + got, bytes - got);
    REQUIRE(some.ok());
    got += some.value();
  }
  return all;
}

std::size_t size_of(const strategies::FpmRequest& sent) {
  std::size_t bytes = 0;
  for (const std::string_view piece : sent.pieces()) bytes += piece.size();
  return bytes;
}

}  // namespace

TEST_SUITE("fpm connection") {
  TEST_CASE("a reply has status, headers and body") {
    Line line = make_line();
    say(line, output(kHead + "bo") + record(7, "said on stderr") + output("dy") + end());
    const auto reply = line.ours.exchange(request(), soon());
    REQUIRE(reply.ok());
    CHECK(reply->status == 404);
    CHECK(reply->headers.front() == event::NameValue{"X-A", "1"});
    CHECK(reply->body == "body");
    CHECK(reply->body_bytes == 4);
    CHECK_FALSE(line.ours.ended());
  }

  TEST_CASE("megabytes pass both ways, even when the worker answers before it reads") {
    Line line = make_line();
    const std::string body(6'000'000, 'q');
    const auto large = request(body);
    std::thread worker([&] {
      say(line, output(kHead));
      for (int i = 0; i < 100; ++i) say(line, output(std::string(60'000, 'r')));
      say(line, end());
      const std::string received = receive(line.theirs, size_of(large));
      CHECK(std::count(received.begin(), received.end(), 'q') == 6'000'000);
    });
    const auto reply = line.ours.exchange(large, soon());
    worker.join();
    REQUIRE(reply.ok());
    CHECK(reply->body == std::string(6'000'000, 'r'));
  }

  TEST_CASE("only the size is known of a body above the limit") {
    Line line = make_line();
    std::thread worker([&] {
      say(line, output(kHead));
      for (int i = 0; i < 300; ++i) say(line, output(std::string(60'000, 'r')));
      say(line, end());
    });
    const auto reply = line.ours.exchange(request(), soon());
    worker.join();
    REQUIRE(reply.ok());
    CHECK(reply->body_bytes == 18'000'000);
    CHECK(reply->body.size() == FpmConnection::kMaxBodyBytes);
  }

  TEST_CASE("an end anywhere inside the reply means that the worker is gone") {
    const std::string whole = output(kHead + "body") + end();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length);
      Line line = make_line();
      say(line, whole.substr(0, length));
      ::shutdown(line.theirs.get(), SHUT_WR);
      const auto reply = line.ours.exchange(request(), soon());
      REQUIRE_FALSE(reply.ok());
      CHECK(reply.error().kind == ErrorKind::kDisconnected);
    }
  }

  TEST_CASE("a reply that is not FastCGI is refused") {
    for (const std::string& garbage :
         {std::string("HTTP/1.1 200 OK\r\n\r\n"), record(6, "no head") + end(),
          output(kHead) + end(2), record(4, "x")}) {
      Line line = make_line();
      say(line, garbage);
      const auto reply = line.ours.exchange(request(), soon());
      REQUIRE_FALSE(reply.ok());
      CHECK(reply.error().kind == ErrorKind::kInvalid);
    }
  }

  TEST_CASE("exchange returns at the deadline when no reply comes") {
    Line line = make_line();
    say(line, output(kHead));
    const auto reply = line.ours.exchange(
        request(), std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == ErrorKind::kTimeout);
  }

  TEST_CASE("the end of the master ends the wait for a reply") {
    Line line = make_line();
    auto ends = base::open_pipe();
    REQUIRE(ends.ok());
    ends->second.reset();  // readable from now on, as a pidfd of a dead process
    const auto reply = line.ours.exchange(request(), soon(), ends->first.get());
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("bytes after a reply spoil the connection, not the reply") {
    Line at_once = make_line();
    say(at_once, output(kHead) + end() + output("more"));
    CHECK(at_once.ours.exchange(request(), soon()).ok());
    CHECK(at_once.ours.ended());

    Line later = make_line();
    say(later, output(kHead) + end());
    CHECK(later.ours.exchange(request(), soon()).ok());
    CHECK_FALSE(later.ours.ended());
    say(later, output("more"));
    CHECK(later.ours.ended());
  }
}
