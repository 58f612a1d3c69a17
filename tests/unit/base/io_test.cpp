// SPDX-License-Identifier: MIT
#include "runtime/base/io.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::base {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

FdPair make_pipe() {
  auto pipe = open_pipe();
  REQUIRE(pipe.ok());
  return std::move(pipe).value();
}

void write_byte(const Fd& pipe) {
  CHECK(::write(pipe.get(), "x", 1) == 1);
}

std::atomic<int> alarms{0};

// Interrupts the current system call of this thread every millisecond.
class Alarms : private Pinned {
 public:
  Alarms() {
    alarms = 0;

    struct sigaction action {};

    action.sa_handler = [](int) { ++alarms; };  // without SA_RESTART: poll(2) never restarts anyway
    ::sigaction(SIGALRM, &action, &before_);
    const itimerval each{{0, 1000}, {0, 1000}};
    ::setitimer(ITIMER_REAL, &each, nullptr);
  }

  ~Alarms() {
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before_, nullptr);
  }

 private:
  struct sigaction before_ {};
};

// Limits this process to `count` descriptors.
class DescriptorLimit : private Pinned {
 public:
  explicit DescriptorLimit(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit low{count, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
  }

  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::string read_slowly(const Fd& pipe) {
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

TEST_SUITE("poll") {
  TEST_CASE("a wait without data ends at its deadline and not earlier") {
    const FdPair pipe = make_pipe();
    const Deadline deadline = Clock::now() + 10ms;
    CHECK_FALSE(wait_readable(pipe.first.get(), deadline));
    CHECK(Clock::now() >= deadline);
  }

  TEST_CASE("available data is reported even after the deadline") {
    const FdPair pipe = make_pipe();
    CHECK_FALSE(wait_readable(pipe.first.get(), Clock::now() - 1s));
    write_byte(pipe.second);
    CHECK(wait_readable(pipe.first.get(), Clock::now() - 1s));
    CHECK(wait_readable(pipe.first.get(), Deadline{}));
  }

  TEST_CASE("the wait ends when the other end is closed") {
    FdPair pipe = make_pipe();
    pipe.second.reset();
    CHECK(wait_readable(pipe.first.get(), kNoDeadline));
  }

  TEST_CASE("without a deadline the wait lasts until data arrive") {
    const FdPair pipe = make_pipe();
    const std::jthread writer([&pipe] { write_byte(pipe.second); });
    CHECK(wait_readable(pipe.first.get(), kNoDeadline));
  }

  TEST_CASE("signals do not end a wait early") {
    const FdPair pipe = make_pipe();
    const Alarms interrupting;
    const Deadline deadline = Clock::now() + 30ms;
    CHECK_FALSE(wait_readable(pipe.first.get(), deadline));
    CHECK(Clock::now() >= deadline);
    CHECK(alarms > 0);
  }

  TEST_CASE("ready descriptors are counted and marked, and -1 is skipped") {
    const FdPair quiet = make_pipe();
    const FdPair loud = make_pipe();
    write_byte(loud.second);
    std::array<pollfd, 3> polled{pollfd{quiet.first.get(), POLLIN, 0}, pollfd{-1, POLLIN, 0},
                                 pollfd{loud.first.get(), POLLIN, 0}};
    CHECK(poll_until(polled, kNoDeadline) == 1);
    CHECK(polled[0].revents == 0);
    CHECK(polled[1].revents == 0);
    CHECK(polled[2].revents == POLLIN);
  }

  TEST_CASE("a failing poll throws") {
    std::array<pollfd, 100> polled{};
    polled.fill({-1, POLLIN, 0});
    const DescriptorLimit low(99);
    CHECK_THROWS_AS(poll_until(polled, Clock::now()), SystemError);
  }
}

TEST_SUITE("iovec") {
  TEST_CASE("advance drops bytes from the front, across parts") {
    std::array<iovec, 3> parts{as_iovec("abc"), as_iovec(""), as_iovec("defg")};
    CHECK(total_size(parts) == 7);
    base::advance(parts, 2);
    CHECK(total_size(parts) == 5);
    base::advance(parts, 3);
    CHECK(parts[0].iov_len == 0);
    CHECK(std::string(static_cast<const char*>(parts[2].iov_base), parts[2].iov_len) == "fg");
    base::advance(parts, 2);
    CHECK(total_size(parts) == 0);
  }
}

TEST_SUITE("write_all") {
  TEST_CASE("parts arrive complete and in order through a pipe of one page") {
    const std::string long_text = digits(300'001);
    for (const int flags : {0, O_NONBLOCK}) {
      FdPair pipe = open_pipe().value();
      check(::fcntl(pipe.second.get(), F_SETPIPE_SZ, 4096), "shrink a pipe");
      check(::fcntl(pipe.second.get(), F_SETFL, flags), "set flags");
      Status written = ok_status();
      std::thread writer([&, end = std::move(pipe.second)] {
        std::array<iovec, 5> parts{as_iovec("<"), as_iovec(""), as_iovec(long_text),
                                   as_iovec(long_text), as_iovec(">")};
        written = write_all(end.get(), parts);
      });
      const std::string got = read_slowly(pipe.first);
      writer.join();
      CHECK(written.ok());
      CHECK(got == "<" + long_text + long_text + ">");
    }
  }

  TEST_CASE("empty parts write nothing") {
    FdPair pipe = open_pipe().value();
    std::array<iovec, 2> parts{as_iovec(""), as_iovec("")};
    CHECK(write_all(pipe.second.get(), parts).ok());
    CHECK(write_all(-1, {}).ok());
    pipe.second.reset();
    CHECK(read_slowly(pipe.first).empty());
  }

  TEST_CASE("a pipe without a reader and a closed descriptor give different errors") {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    FdPair pipe = open_pipe().value();
    pipe.first.reset();
    std::array<iovec, 1> parts{as_iovec("x")};
    const Status unread = write_all(pipe.second.get(), parts);
    std::signal(SIGPIPE, before);
    REQUIRE_FALSE(unread.ok());
    CHECK(unread.error().kind == ErrorKind::kDisconnected);
    parts = {as_iovec("x")};
    const Status closed = write_all(-1, parts);
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().kind == ErrorKind::kSystem);
  }
}

TEST_SUITE("read to end") {
  TEST_CASE("everything that was written is read, up to the end") {
    auto pipe = open_pipe();
    REQUIRE(pipe.ok());
    const std::string sent(1'000'000, 'x');  // more than a pipe holds
    std::thread writer([&] {
      std::array<iovec, 1> parts{as_iovec(sent)};
      static_cast<void>(write_all(pipe->second.get(), parts));
      pipe->second.reset();
    });
    CHECK(read_to_end(pipe->first.get()) == sent);
    writer.join();
    CHECK(read_to_end(pipe->first.get()).empty());
  }

  TEST_CASE("after the deadline, it does not wait") {
    const auto pipe = open_pipe();
    REQUIRE(pipe.ok());
    CHECK(read_to_end(pipe->first.get(), std::chrono::steady_clock::now()).empty());
  }
}

}  // namespace phork::base
