// SPDX-License-Identifier: MIT
#include "runtime/base/fd.h"

#include <array>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace phork::base {
namespace {

Fd open_something() {
  Fd opened(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(opened.valid());
  return opened;
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

bool closes_on_exec(const Fd& fd) {
  return (::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0;
}

bool blocks(const Fd& fd) {
  return (::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0;
}

// True when a byte written to `from` comes out of `to`.
bool reaches(const Fd& from, const Fd& to) {
  char byte = 'x';
  if (::write(from.get(), &byte, 1) != 1) return false;
  byte = '\0';
  return ::read(to.get(), &byte, 1) == 1 && byte == 'x';
}

}  // namespace

TEST_SUITE("fd") {
  TEST_CASE("a descriptor is closed with its owner") {
    int raw = -1;
    {
      const Fd owner = open_something();
      raw = owner.get();
      CHECK(is_open(raw));
    }
    CHECK_FALSE(is_open(raw));
  }

  TEST_CASE("an empty owner is not valid and closes nothing") {
    Fd nothing;
    CHECK_FALSE(nothing.valid());
    CHECK(nothing.get() == -1);
    nothing.reset();
    CHECK_FALSE(nothing.valid());
  }

  TEST_CASE("a move hands the descriptor over and leaves the source empty") {
    Fd from = open_something();
    const int raw = from.get();
    const Fd to(std::move(from));
    CHECK(to.get() == raw);
    CHECK_FALSE(from.valid());  // NOLINT(bugprone-use-after-move)
    CHECK(is_open(raw));
  }

  TEST_CASE("assigning closes the descriptor owned before") {
    Fd one = open_something();
    Fd two = open_something();
    const int first = one.get();
    const int second = two.get();
    one = std::move(two);
    CHECK_FALSE(is_open(first));
    CHECK(one.get() == second);
    CHECK(is_open(second));
    CHECK_FALSE(two.valid());  // NOLINT(bugprone-use-after-move)
  }

  TEST_CASE("assigning to itself keeps the descriptor") {
    Fd one = open_something();
    Fd& same = one;
    const int raw = one.get();
    one = std::move(same);
    CHECK(one.get() == raw);
    CHECK(is_open(raw));
  }

  TEST_CASE("a released descriptor stays open") {
    int raw = -1;
    {
      Fd owner = open_something();
      raw = owner.release();
      CHECK_FALSE(owner.valid());
    }
    CHECK(is_open(raw));
    const Fd cleanup(raw);
  }

  TEST_CASE("reset closes once, and not a later descriptor with the same number") {
    Fd one = open_something();
    const int raw = one.get();
    one.reset();
    const Fd next = open_something();
    REQUIRE(next.get() == raw);  // the kernel gives out the lowest free number
    one.reset();
    CHECK(is_open(raw));
  }

  TEST_CASE("both ends of a socket pair are connected and close on exec") {
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
      CAPTURE(type);
      const auto pair = make_socket_pair(type);
      REQUIRE(pair.ok());
      CHECK(closes_on_exec(pair->first));
      CHECK(closes_on_exec(pair->second));
      CHECK(blocks(pair->first));
      CHECK(blocks(pair->second));
      CHECK(reaches(pair->first, pair->second));
      CHECK(reaches(pair->second, pair->first));
    }
  }

  TEST_CASE("a socket type that does not exist is an error") {
    const auto pair = make_socket_pair(SOCK_PACKET);
    REQUIRE_FALSE(pair.ok());
    CHECK(pair.error().kind == ErrorKind::kSystem);
    CHECK(pair.error().text == "base: make socket pair: Socket type not supported");
  }

  TEST_CASE("only the reading end of a log pipe is non-blocking, and both ends close on exec") {
    const auto pipe = open_pipe();
    REQUIRE(pipe.ok());
    CHECK(closes_on_exec(pipe->first));
    CHECK(closes_on_exec(pipe->second));
    CHECK_FALSE(blocks(pipe->first));
    CHECK(blocks(pipe->second));
    CHECK(reaches(pipe->second, pipe->first));
  }
}

}  // namespace phork::base
