// SPDX-License-Identifier: MIT
#include "runtime/base/poll.h"

#include <array>
#include <atomic>
#include <csignal>
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

// Interrupts whatever system call this thread is in, every millisecond.
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

// Lets this process have no more than `count` descriptors.
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

}  // namespace

TEST_SUITE("poll") {
  TEST_CASE("a wait for nothing ends at its deadline and not before") {
    const FdPair pipe = make_pipe();
    const Deadline deadline = Clock::now() + 10ms;
    CHECK_FALSE(wait_readable(pipe.first.get(), deadline));
    CHECK(Clock::now() >= deadline);
  }

  TEST_CASE("what is there is seen even when the deadline has passed") {
    const FdPair pipe = make_pipe();
    CHECK_FALSE(wait_readable(pipe.first.get(), Clock::now() - 1s));
    write_byte(pipe.second);
    CHECK(wait_readable(pipe.first.get(), Clock::now() - 1s));
    CHECK(wait_readable(pipe.first.get(), Deadline{}));
  }

  TEST_CASE("a closed other end ends the wait") {
    FdPair pipe = make_pipe();
    pipe.second.reset();
    CHECK(wait_readable(pipe.first.get(), kNoDeadline));
  }

  TEST_CASE("without a deadline the wait lasts until something comes") {
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

  TEST_CASE("the descriptors that are ready are counted and marked, and -1 is passed over") {
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

  TEST_CASE("a poll that cannot work throws") {
    std::array<pollfd, 100> polled{};
    polled.fill({-1, POLLIN, 0});
    const DescriptorLimit low(99);
    CHECK_THROWS_AS(poll_until(polled, Clock::now()), SystemError);
  }
}

}  // namespace phork::base
