// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "strategies/worker/worker.h"
#include "tests/support/kept_stream.h"
#include "tests/unit/strategies/kept_lines.h"
#include "tests/unit/strategies/worker/fake_worker.h"

namespace phork::strategies {
namespace {

using namespace std::chrono_literals;
using testing::FakeWorker;
using testing::KeptLines;
using testing::soon;
using Lines = std::vector<std::string>;

event::Invocation event_within(std::chrono::milliseconds time) {
  event::Invocation event;
  event.request_id = "r-1";
  event.deadline =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
      time;
  event.event = "{}";
  return event;
}

// A worker that has answered an event with a deadline in `time`.
struct Answered {
  explicit Answered(std::chrono::milliseconds time) : worker(php.make(settings)) {
    settings.deadline_margin = 10ms;
    php.say_ready();
    REQUIRE_FALSE(worker->await_ready(soon()).has_value());
    const std::jthread thread([this] {
      php.hear();
      php.print("while\n");
      php.say_answer("1");
    });
    phork::testing::KeptStream stream;
    const Served served = worker->serve(event_within(time), stream);
    REQUIRE(std::holds_alternative<event::Answer>(served.outcome));
  }

  KeptLines log;
  Settings settings;
  FakeWorker php;
  std::unique_ptr<Worker> worker;
};

}  // namespace

TEST_SUITE("worker: end") {
  TEST_CASE("a worker that exits by itself is not killed") {
    Answered answered(10s);
    const std::jthread thread([&] { answered.php.exit(0); });
    answered.worker->retire();
    CHECK(answered.php.kills() == 0);
    CHECK_FALSE(answered.worker->crashed());
  }

  TEST_CASE("work after the answer is interrupted, then killed, at the event's deadlines") {
    Answered answered(100ms);
    answered.worker->retire();
    CHECK(answered.php.interrupts() == 1);
    CHECK(answered.php.kills() >= 1);
    CHECK_FALSE(answered.worker->crashed());
  }

  TEST_CASE("a worker that sends a frame after its answer is killed") {
    Answered answered(10s);
    answered.php.say_answer("2");
    answered.worker->retire();
    CHECK(answered.php.kills() >= 1);
  }

  TEST_CASE("lines carry the event's id, and are logged before its answer is returned") {
    const Answered answered(10s);
    CHECK(answered.log.lines() == Lines{"out r-1: while"});
  }

  TEST_CASE("lines written before an event have no id") {
    const KeptLines log;
    const Settings settings;
    FakeWorker php;
    const auto worker = php.make(settings);
    php.print("booting\n");
    php.complain("Deprecated: x\n");
    php.say_ready();
    REQUIRE_FALSE(worker->await_ready(soon()).has_value());
    CHECK(worker->ready());
    CHECK(log.lines() == Lines{"out : booting", "err : Deprecated: x"});
  }

  TEST_CASE("the last line of a worker is logged, with a newline or without") {
    Answered answered(10s);
    answered.php.complain("Fatal error: x\nlast");
    answered.php.die(SIGSEGV);
    answered.worker->retire();
    CHECK(answered.log.lines() ==
          Lines{"out r-1: while", "err r-1: Fatal error: x", "err r-1: last"});
  }
}

}  // namespace phork::strategies
