// SPDX-License-Identifier: MIT
#include "runtime/base/write_all.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"

namespace phork::base {
namespace {

std::string read_to_end(const Fd& pipe) {
  std::string text;
  std::array<char, 777> chunk{};
  for (ssize_t got = 0; (got = ::read(pipe.get(), chunk.data(), chunk.size())) != 0;) {
    if (got == -1 && errno == EAGAIN) {
      std::this_thread::yield();
    } else {
      text.append(chunk.data(), static_cast<std::size_t>(check(static_cast<int>(got), "read")));
    }
  }
  return text;
}

std::string digits(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('0' + i * i % 10);
  return text;
}

}  // namespace

TEST_SUITE("write_all") {
  TEST_CASE("pieces arrive whole and in order through a pipe that holds a page at a time") {
    const std::string long_text = digits(300'001);
    for (const int flags : {0, O_NONBLOCK}) {
      FdPair pipe = open_pipe().value();
      check(::fcntl(pipe.second.get(), F_SETPIPE_SZ, 4096), "shrink a pipe");
      check(::fcntl(pipe.second.get(), F_SETFL, flags), "set flags");
      Status written = ok_status();
      std::thread writer([&, end = std::move(pipe.second)] {
        std::array<iovec, 5> parts{piece("<"), piece(""), piece(long_text), piece(long_text),
                                   piece(">")};
        written = write_all(end.get(), parts);
      });
      const std::string got = read_to_end(pipe.first);
      writer.join();
      CHECK(written.ok());
      CHECK(got == "<" + long_text + long_text + ">");
    }
  }

  TEST_CASE("nothing is written of nothing") {
    FdPair pipe = open_pipe().value();
    std::array<iovec, 2> parts{piece(""), piece("")};
    CHECK(write_all(pipe.second.get(), parts).ok());
    CHECK(write_all(-1, {}).ok());
    pipe.second.reset();
    CHECK(read_to_end(pipe.first).empty());
  }

  TEST_CASE("an end that nobody reads, and one that is closed, are told apart") {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    FdPair pipe = open_pipe().value();
    pipe.first.reset();
    std::array<iovec, 1> parts{piece("x")};
    const Status unread = write_all(pipe.second.get(), parts);
    std::signal(SIGPIPE, before);
    REQUIRE_FALSE(unread.ok());
    CHECK(unread.error().kind == ErrorKind::kDisconnected);
    parts = {piece("x")};
    const Status closed = write_all(-1, parts);
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().kind == ErrorKind::kSystem);
  }
}

}  // namespace phork::base
