// SPDX-License-Identifier: MIT
#include "runtime/base/socket_io.h"

#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

namespace phork::base {
namespace {

using namespace std::chrono_literals;

FdPair make_pair_of(int type) {
  auto pair = make_socket_pair(type);
  REQUIRE(pair.ok());
  return std::move(pair).value();
}

void make_non_blocking(const Fd& socket) {
  REQUIRE(::fcntl(socket.get(), F_SETFL, O_NONBLOCK) == 0);
}

// Everything received until the other side closes or an error occurs.
std::string receive_all(const Fd& socket) {
  std::string all;
  std::array<char, 4096> chunk{};
  for (;;) {
    const auto got = receive_some(socket.get(), chunk.data(), chunk.size());
    if (!got) return all;
    all.append(chunk.data(), got.value());
  }
}

// Text in which no two parts are equal, so that a misplaced part shows.
std::string text_of(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 8);
  for (std::size_t count = 0; text.size() < bytes; ++count) text += std::to_string(count) + ' ';
  text.resize(bytes);
  return text;
}

Deadline soon() {
  return std::chrono::steady_clock::now() + 10s;
}

}  // namespace

TEST_SUITE("socket_io: streams") {
  TEST_CASE("head and tail arrive as one text, and each may be empty") {
    for (const auto& [head, tail] : {std::pair<std::string, std::string>{"head,", "tail"},
                                     {"head,tail", ""},
                                     {"", "head,tail"}}) {
      FdPair pair = make_pair_of(SOCK_STREAM);
      REQUIRE(send_all(pair.first.get(), head, tail).ok());
      pair.first.reset();
      CHECK(receive_all(pair.second) == "head,tail");
    }
  }

  TEST_CASE("a text larger than the socket's buffer arrives complete, blocking or not") {
    const std::string head = text_of(3'000'000);
    const std::string tail = text_of(5'000'001);
    for (const bool blocking : {true, false}) {
      CAPTURE(blocking);
      FdPair pair = make_pair_of(SOCK_STREAM);
      if (!blocking) make_non_blocking(pair.first);
      std::string received;
      {
        const std::jthread reader([&] { received = receive_all(pair.second); });
        CHECK(send_all(pair.first.get(), head, tail, soon()).ok());
        pair.first.reset();
      }
      CHECK(received.size() == head.size() + tail.size());
      CHECK((received == head + tail));
    }
  }

  TEST_CASE("a peer that does not read blocks the sender until the deadline") {
    const FdPair pair = make_pair_of(SOCK_STREAM);
    make_non_blocking(pair.first);
    const Deadline deadline = std::chrono::steady_clock::now() + 20ms;
    const Status sent = send_all(pair.first.get(), text_of(8'000'000), "", deadline);
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kTimeout);
    CHECK(std::chrono::steady_clock::now() >= deadline);
  }

  TEST_CASE("sending to a closed peer is an error and raises no signal") {
    FdPair pair = make_pair_of(SOCK_STREAM);
    pair.second.reset();
    const Status sent = send_all(pair.first.get(), "head", "tail");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kDisconnected);
    CHECK(sent.error().text == "base: send: Broken pipe");
  }

  TEST_CASE("a peer that closes during a send ends the send") {
    FdPair pair = make_pair_of(SOCK_STREAM);
    const std::jthread reader([&] {
      char byte = 0;
      CHECK(receive_some(pair.second.get(), &byte, 1).ok());
      pair.second.reset();
    });
    const Status sent = send_all(pair.first.get(), text_of(8'000'000), "");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("the end of a stream follows everything that was sent") {
    FdPair pair = make_pair_of(SOCK_STREAM);
    REQUIRE(send_all(pair.first.get(), "last", "").ok());
    pair.first.reset();
    std::array<char, 16> data{};
    const auto got = receive_some(pair.second.get(), data.data(), data.size());
    REQUIRE(got.ok());
    CHECK(got.value() == 4);
    const auto end = receive_some(pair.second.get(), data.data(), data.size());
    REQUIRE_FALSE(end.ok());
    CHECK(end.error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("a peer that closes with our bytes unread is reported as disconnected") {
    FdPair pair = make_pair_of(SOCK_STREAM);
    REQUIRE(send_all(pair.first.get(), "unread", "").ok());
    pair.second.reset();
    char byte = 0;
    const auto got = receive_some(pair.first.get(), &byte, 1);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("a non-blocking socket without data returns at once") {
    const FdPair pair = make_pair_of(SOCK_STREAM);
    make_non_blocking(pair.first);
    char byte = 0;
    const auto got = receive_some(pair.first.get(), &byte, 1);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kTimeout);
  }

  TEST_CASE("an invalid descriptor is a system error") {
    char byte = 0;
    const auto got = receive_some(-1, &byte, 1);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().kind == ErrorKind::kSystem);
    CHECK(got.error().text == "base: receive: Bad file descriptor");
    CHECK(send_all(-1, "x", "").error().text == "base: send: Bad file descriptor");
    CHECK(send_message(-1, "x").error().text == "base: send message: Bad file descriptor");
    CHECK(receive_message(-1).error().text == "base: receive message: Bad file descriptor");
  }
}

TEST_SUITE("socket_io: messages") {
  TEST_CASE("a message of any size arrives complete") {
    for (const std::size_t size : {1U, 255U, 256U, 257U, 4096U, 65'537U, 150'000U}) {
      CAPTURE(size);
      const FdPair pair = make_pair_of(SOCK_SEQPACKET);
      const std::string sent = text_of(size);
      REQUIRE(send_message(pair.first.get(), sent).ok());
      const auto message = receive_message(pair.second.get());
      REQUIRE(message.ok());
      CHECK((message->bytes == sent));
      CHECK(message->descriptors.empty());
    }
  }

  TEST_CASE("messages stay separate and in order") {
    const FdPair pair = make_pair_of(SOCK_SEQPACKET);
    const std::string large = text_of(1000);
    REQUIRE(send_message(pair.first.get(), "one").ok());
    REQUIRE(send_message(pair.first.get(), large).ok());
    REQUIRE(send_message(pair.first.get(), "three").ok());
    CHECK(receive_message(pair.second.get())->bytes == "one");
    CHECK(receive_message(pair.second.get())->bytes == large);
    CHECK(receive_message(pair.second.get())->bytes == "three");
  }

  TEST_CASE("up to four descriptors arrive, in order, as copies that close on exec") {
    for (std::size_t count = 1; count <= 4; ++count) {
      CAPTURE(count);
      const FdPair pair = make_pair_of(SOCK_SEQPACKET);
      std::vector<FdPair> pipes;
      std::vector<int> writers;
      while (pipes.size() < count) {
        auto pipe = open_pipe();
        REQUIRE(pipe.ok());
        pipes.push_back(std::move(pipe).value());
        writers.push_back(pipes.back().second.get());
      }
      REQUIRE(send_message(pair.first.get(), text_of(500), writers).ok());
      const auto message = receive_message(pair.second.get());
      REQUIRE(message.ok());
      CHECK(message->bytes.size() == 500);
      REQUIRE(message->descriptors.size() == count);
      for (std::size_t i = 0; i < count; ++i) {
        const Fd& copy = message->descriptors[i];
        CHECK(copy.get() != writers[i]);
        CHECK((::fcntl(copy.get(), F_GETFD) & FD_CLOEXEC) != 0);
        char byte = static_cast<char>('a' + i);
        REQUIRE(::write(copy.get(), &byte, 1) == 1);
        byte = '\0';
        CHECK(::read(pipes[i].first.get(), &byte, 1) == 1);
        CHECK(byte == static_cast<char>('a' + i));
      }
    }
  }

  TEST_CASE("more than four descriptors are refused before anything is sent") {
    const FdPair pair = make_pair_of(SOCK_SEQPACKET);
    const std::array<int, 5> too_many{0, 0, 0, 0, 0};
    const Status sent = send_message(pair.first.get(), "x", too_many);
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kInvalid);
    CHECK_FALSE(wait_readable(pair.second.get(), Deadline{}));
  }

  TEST_CASE("each message arrives with its own descriptors") {
    const FdPair pair = make_pair_of(SOCK_SEQPACKET);
    const std::array<int, 1> passed{pair.first.get()};
    REQUIRE(send_message(pair.first.get(), "with", passed).ok());
    REQUIRE(send_message(pair.first.get(), "without").ok());
    CHECK(receive_message(pair.second.get())->descriptors.size() == 1);
    CHECK(receive_message(pair.second.get())->descriptors.empty());
  }

  TEST_CASE("a closed descriptor cannot be sent") {
    const FdPair pair = make_pair_of(SOCK_SEQPACKET);
    const std::array<int, 1> closed{-1};
    const Status sent = send_message(pair.first.get(), "x", closed);
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kSystem);
  }

  TEST_CASE("both sending and receiving report that the other side has closed") {
    FdPair pair = make_pair_of(SOCK_SEQPACKET);
    REQUIRE(send_message(pair.second.get(), "last").ok());
    pair.second.reset();
    CHECK(receive_message(pair.first.get())->bytes == "last");
    const auto received = receive_message(pair.first.get());
    REQUIRE_FALSE(received.ok());
    CHECK(received.error().kind == ErrorKind::kDisconnected);
    const Status sent = send_message(pair.first.get(), "x");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("a peer that closes with our message unread is reported as disconnected") {
    FdPair pair = make_pair_of(SOCK_SEQPACKET);
    REQUIRE(send_message(pair.first.get(), "unread").ok());
    pair.second.reset();
    const auto received = receive_message(pair.first.get());
    REQUIRE_FALSE(received.ok());
    CHECK(received.error().kind == ErrorKind::kDisconnected);
  }
}

}  // namespace phork::base
