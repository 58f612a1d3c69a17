// SPDX-License-Identifier: MIT
#include <array>
#include <sys/socket.h>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/cut_stream.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using base::kNoDeadline;
using namespace std::chrono_literals;

constexpr std::string_view kAccepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";

const Endpoint kNobody{"127.0.0.1", 1};
const std::string kHead =
    "POST /p HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: test\r\nX: y\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";
const std::string kPrefix = "lambda: stream '127.0.0.1:1': ";

// A client end on which a stream has begun, and a server end for the test.
struct Ends {
  explicit Ends(int type, std::chrono::milliseconds timeout = 10s)
      : post(kNobody, {.user_agent = "test", .timeout = timeout}) {
    auto [client, other] = testing::connected_pair(type, timeout);
    server = std::move(other);
    post.adopt(std::move(client));
    REQUIRE(post.begin_stream("/p", "X: y\r\n").ok());
  }

  // The bytes that one recv takes, without waiting; "" when there are none.
  std::string received() {
    std::array<char, 4096> chunk{};
    const ssize_t size = ::recv(server.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    return size <= 0 ? "" : std::string(chunk.data(), static_cast<std::size_t>(size));
  }

  std::string all_received() {
    std::string all;
    for (std::string some = received(); !some.empty(); some = received()) all += some;
    return all;
  }

  void send(std::string_view bytes) {
    CHECK(::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
  }

  // Writes until the socket is full. Returns the bytes of all these chunks.
  std::string fill() {
    std::string body;
    for (;;) {
      const std::string part(60'000, static_cast<char>('a' + body.size() / 60'000 % 26));
      body += part;
      const auto written = post.write_stream(part, std::chrono::steady_clock::now());
      if (written.ok()) continue;
      CHECK(written.error().kind == ErrorKind::kTimeout);
      CHECK(written.error().text == kPrefix + "the answer was not read in time");
      return body;
    }
  }

  bool keeps_connection() const { return post.socket() != -1 && !post.has_reconnected(); }

  base::Fd server;
  ApiConnection post;
};

// The bytes in the chunks behind the head.
std::string decoded(std::string_view wire) {
  std::string body;
  wire.remove_prefix(kHead.size());
  for (;;) {
    const auto line_end = wire.find("\r\n");
    REQUIRE(line_end != std::string_view::npos);
    const auto size = std::stoul(std::string(wire.substr(0, line_end)), nullptr, 16);
    if (size == 0) return body;
    body += wire.substr(line_end + 2, size);
    wire.remove_prefix(line_end + 2 + size + 2);
  }
}

}  // namespace

TEST_SUITE_BEGIN("chunked stream");

TEST_CASE("each write is one message, and the head is sent with the first") {
  Ends ends(SOCK_SEQPACKET);  // one recv is one send
  CHECK(ends.received().empty());
  REQUIRE(ends.post.write_stream("hello", kNoDeadline).ok());
  CHECK(ends.received() == kHead + "5\r\nhello\r\n");
  REQUIRE(ends.post.write_stream(std::string(300, 'x'), kNoDeadline).ok());
  CHECK(ends.received() == "12c\r\n" + std::string(300, 'x') + "\r\n");
  ends.send(kAccepted);
}

TEST_CASE("a write above the largest chunk is several chunks") {
  Ends ends(SOCK_STREAM);
  std::string wire;
  std::jthread reader([&] {
    while (!wire.ends_with("\r\n1\r\nx\r\n")) {
      std::array<char, 65536> some{};
      const ssize_t got = ::recv(ends.server.get(), some.data(), some.size(), 0);
      if (got <= 0) return;
      wire.append(some.data(), static_cast<std::size_t>(got));
    }
  });
  const std::string body(kMaxChunkBytes + 1, 'x');
  CHECK(ends.post.write_stream(body, kNoDeadline).ok());
  reader.join();
  CHECK((decoded(wire + "0\r\n") == body));
}

TEST_CASE("an empty body is head and last chunk in one message") {
  Ends ends(SOCK_SEQPACKET);
  ends.send(kAccepted);
  const auto reply = ends.post.end_stream("");
  REQUIRE(reply.ok());
  CHECK(reply->status == 202);
  CHECK(reply->body() == "{}");
  CHECK(ends.received() == kHead + "0\r\n\r\n");
  CHECK(ends.keeps_connection());
}

TEST_CASE("an empty write sends nothing, because an empty chunk ends the body") {
  Ends ends(SOCK_SEQPACKET);
  REQUIRE(ends.post.write_stream("", kNoDeadline).ok());
  CHECK(ends.received().empty());
  REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
  REQUIRE(ends.post.write_stream("", kNoDeadline).ok());
  CHECK(ends.received() == kHead + "1\r\na\r\n");
  CHECK(ends.received().empty());
}

TEST_CASE("interim responses are ignored, even in pieces") {
  Ends ends(SOCK_STREAM);
  REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
  ends.send("HTTP/1.1 100 Cont");
  REQUIRE(ends.post.write_stream("b", kNoDeadline).ok());
  ends.send("inue\r\n\r\n");
  REQUIRE(ends.post.write_stream("c", kNoDeadline).ok());
  CHECK(ends.received() == kHead + "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n");
}

TEST_CASE("a write waits until its deadline, and the rest of it is sent with the end") {
  Ends ends(SOCK_STREAM);
  std::string body = ends.fill();
  CHECK(ends.post.write_stream("never", kNoDeadline).error().kind == ErrorKind::kTimeout);

  // The reader starts only now, so end() has to wait for room, too.
  std::string wire;
  std::jthread reader([&] {
    while (wire.find("\r\n0\r\nTold: 1\r\n\r\n") == std::string::npos) {
      std::array<char, 65536> some{};
      const ssize_t got = ::recv(ends.server.get(), some.data(), some.size(), 0);
      if (got <= 0) return;
      wire.append(some.data(), static_cast<std::size_t>(got));
    }
    ::send(ends.server.get(), kAccepted.data(), kAccepted.size(), MSG_NOSIGNAL);
  });
  const auto reply = ends.post.end_stream("Told: 1\r\n");
  reader.join();
  REQUIRE(reply.ok());
  CHECK(reply->status == 202);
  CHECK((decoded(wire) == body));  // no megabytes in a message
  CHECK(ends.keeps_connection());
}

TEST_CASE("a write does not give up before its deadline") {
  Ends ends(SOCK_STREAM);
  const std::string more_than_fits(std::size_t{16} << 20U, 'x');
  const auto deadline = std::chrono::steady_clock::now() + 20ms;
  CHECK(ends.post.write_stream(more_than_fits, deadline).error().kind == ErrorKind::kTimeout);
  CHECK(std::chrono::steady_clock::now() >= deadline);
}

TEST_CASE("an end() that the server does not read is a disconnection") {
  Ends ends(SOCK_STREAM, 1ms);
  ends.fill();
  const auto reply = ends.post.end_stream("");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == ErrorKind::kDisconnected);
  CHECK_FALSE(ends.keeps_connection());
}

TEST_CASE("an end() that the server does not answer is a disconnection") {
  Ends ends(SOCK_STREAM, 1ms);
  const auto reply = ends.post.end_stream("");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().kind == ErrorKind::kDisconnected);
  CHECK(reply.error().text == kPrefix + "no response for 1 ms");
}

TEST_CASE("the next write notices a server that has closed, with or without unread bytes") {
  for (const bool has_read : {true, false}) {
    CAPTURE(has_read);
    Ends ends(SOCK_STREAM);
    REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
    if (has_read) ends.all_received();
    ends.server.reset();
    for (int i = 0; i < 2; ++i) {
      const auto written = ends.post.write_stream("b", kNoDeadline);
      REQUIRE_FALSE(written.ok());
      CHECK(written.error().kind == ErrorKind::kDisconnected);
    }
    const auto reply = ends.post.end_stream("");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == ErrorKind::kDisconnected);
    CHECK_FALSE(ends.keeps_connection());
  }
}

TEST_CASE("a server that closes before the first write got no byte") {
  Ends ends(SOCK_STREAM);
  ends.server.reset();
  const auto written = ends.post.write_stream("a", kNoDeadline);
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().kind == ErrorKind::kDisconnected);
  CHECK(written.error().text == kPrefix + "Broken pipe");
}

TEST_CASE("a server that closes in the middle of its response is a disconnection") {
  for (std::size_t size = 0; size < kAccepted.size(); ++size) {
    CAPTURE(size);
    Ends ends(SOCK_STREAM);
    REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
    ends.all_received();
    if (size > 0) ends.send(kAccepted.substr(0, size));
    CHECK(::shutdown(ends.server.get(), SHUT_WR) == 0);
    const auto reply = ends.post.end_stream("");
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().kind == ErrorKind::kDisconnected);
    CHECK_FALSE(ends.keeps_connection());
  }
}

TEST_CASE("an answer before the end refuses all further bytes and is the reply") {
  for (const bool hangs_up : {false, true}) {
    CAPTURE(hangs_up);
    Ends ends(SOCK_STREAM);
    REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
    CHECK(ends.received() == kHead + "1\r\na\r\n");
    ends.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    if (hangs_up) ends.server.reset();
    const auto written = ends.post.write_stream("b", kNoDeadline);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().kind == ErrorKind::kRefused);
    CHECK(written.error().text == kPrefix + "expected to be heard to the end, got status 413");
    const auto reply = ends.post.end_stream("");
    REQUIRE(reply.ok());
    CHECK(reply->status == 413);
    CHECK(reply->body() == "big");
    CHECK_FALSE(ends.keeps_connection());
    if (!hangs_up) CHECK(ends.received().empty());
  }
}

TEST_CASE("an answer wakes a write that waits for room") {
  Ends ends(SOCK_STREAM);
  std::jthread server([&] {
    std::array<char, 1> first{};
    ::recv(ends.server.get(), first.data(), first.size(), 0);
    constexpr std::string_view kRefusal = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
    ::send(ends.server.get(), kRefusal.data(), kRefusal.size(), MSG_NOSIGNAL);
  });
  const auto written =
      ends.post.write_stream(std::string(std::size_t{16} << 20U, 'x'), kNoDeadline);
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().kind == ErrorKind::kRefused);
  CHECK(ends.post.end_stream("")->status == 400);
}

TEST_CASE("a server that does not speak HTTP gives another error than a closed one") {
  Ends ends(SOCK_STREAM);
  REQUIRE(ends.post.write_stream("a", kNoDeadline).ok());
  ends.send("220 mail.example.com ESMTP\r\n");
  const auto reply = ends.post.end_stream("");
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().text == kPrefix + "expected an http response, got something else");
}

TEST_SUITE_END();

}  // namespace phork::lambda
