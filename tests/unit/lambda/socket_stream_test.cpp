// SPDX-License-Identifier: MIT
#include "runtime/lambda/socket_stream.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/time.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"

namespace phork::lambda {
namespace {

// A client end for the exchange and a server end for the test.
struct Ends {
  explicit Ends(int type) {
    auto made = base::make_socket_pair(type);
    client = std::move(made->first);
    server = std::move(made->second);
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

  base::Fd client;
  base::Fd server;
  std::vector<char> buffer = std::vector<char>(4096);
};

ssize_t write(SocketStream& exchange, std::string_view bytes) {
  return exchange.write(bytes.data(), bytes.size());
}

std::string read(SocketStream& exchange, std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = exchange.read(bytes.data(), size);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace

TEST_SUITE_BEGIN("exchange");

TEST_CASE("head and body are sent as one message") {
  Ends ends(SOCK_SEQPACKET);  // one recv is one send
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  CHECK(write(exchange, "head") == 4);
  CHECK(ends.received().empty());
  CHECK(write(exchange, "body") == 4);
  CHECK(ends.received() == "headbody");
  CHECK(write(exchange, "more") == 4);
  CHECK(ends.received() == "more");
  CHECK(exchange.trace().bytes_sent == 12);
}

TEST_CASE("a head without a body is sent when the response is read") {
  Ends ends(SOCK_SEQPACKET);
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  CHECK(write(exchange, "head") == 4);
  ends.send("answer");
  CHECK(read(exchange, 3) == "ans");
  CHECK(ends.received() == "head");
  CHECK(read(exchange, 100) == "wer");
  CHECK(exchange.trace().bytes_received == 6);
}

TEST_CASE("percent signs are escaped in the head, however it is split, and not in the body") {
  const std::string response = "H %4\r\nA: %\r\n\r\r\n\r\n%b\r\n\r\n%";
  const std::string expected = "H %254\r\nA: %25\r\n\r\r\n\r\n%b\r\n\r\n%";
  for (std::size_t cut = 1; cut < response.size(); ++cut) {
    CAPTURE(cut);
    Ends ends(SOCK_SEQPACKET);
    SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
    ends.send(response.substr(0, cut));
    ends.send(response.substr(cut));
    const std::string first = read(exchange, 100);
    CHECK(first + read(exchange, 100) == expected);
  }
}

TEST_CASE("a write to a closed peer fails, and nothing was sent") {
  Ends ends(SOCK_STREAM);
  ends.server.reset();
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  CHECK(write(exchange, "head") == 4);
  CHECK(write(exchange, "body") == -1);
  CHECK(exchange.trace().bytes_sent == 0);
  CHECK(exchange.trace().error == EPIPE);
  CHECK_FALSE(exchange.trace().request_cut);
}

TEST_CASE("the early response of a peer that closes in the middle of the request is read") {
  Ends ends(SOCK_STREAM);
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  CHECK(write(exchange, "head") == 4);
  CHECK(write(exchange, "body") == 4);
  CHECK(ends.received() == "headbody");
  ends.send("early");
  ends.server.reset();
  CHECK(write(exchange, "rest") == 4);
  CHECK(exchange.trace().request_cut);
  CHECK(read(exchange, 100) == "early");
}

TEST_CASE("waiting for a response ends when the wake descriptor becomes readable") {
  Ends ends(SOCK_STREAM);
  Ends wake(SOCK_STREAM);
  wake.send("x");
  SocketStream exchange(ends.client.get(), wake.client.get(), ends.buffer);
  CHECK(write(exchange, "head") == 4);
  char byte = 0;
  CHECK(exchange.read(&byte, 1) == -1);
  CHECK(exchange.trace().interrupted);
  CHECK(exchange.trace().bytes_sent == 4);
}

TEST_CASE("a response that has arrived is read in spite of the wake descriptor") {
  Ends ends(SOCK_STREAM);
  Ends wake(SOCK_STREAM);
  wake.send("x");
  ends.send("answer");
  SocketStream exchange(ends.client.get(), wake.client.get(), ends.buffer);
  CHECK(read(exchange, 100) == "answer");
  CHECK_FALSE(exchange.trace().interrupted);
}

TEST_CASE("the socket's timeout ends a read") {
  Ends ends(SOCK_STREAM);
  const timeval ten_ms{0, 10'000};
  REQUIRE(::setsockopt(ends.client.get(), SOL_SOCKET, SO_RCVTIMEO, &ten_ms, sizeof ten_ms) == 0);
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  char byte = 0;
  CHECK(exchange.read(&byte, 1) == -1);
  CHECK(exchange.trace().error == EAGAIN);
}

TEST_CASE("the end of the stream is read as zero bytes") {
  Ends ends(SOCK_STREAM);
  ends.server.reset();
  SocketStream exchange(ends.client.get(), std::nullopt, ends.buffer);
  char byte = 0;
  CHECK(exchange.read(&byte, 1) == 0);
  CHECK(exchange.trace().closed);
}

TEST_SUITE_END();

}  // namespace phork::lambda
