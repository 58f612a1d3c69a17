// SPDX-License-Identifier: MIT
//
// A seat whose worker is this process: its register is written as a worker would.
#include "supervisor/seat.h"

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/slot/page.h"
#include "tests/unit/supervisor/fakes.h"

namespace phork::supervisor {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::event_named;
using testing::Script;

// Ends the loop when a worker is to get a signal.
class Owner final : public SeatOwner {
 public:
  explicit Owner(Loop& loop) : loop_(loop) {}

  void signal(Seat& /*seat*/, int number, const slot::Record& seen) override {
    signals.push_back(number);
    last_seen = seen;
    if (on_interrupt && number == slot::kInterruptSignal) return on_interrupt();
    loop_.stop();
  }

  void settled(Seat& /*seat*/) override {}

  void has_cost(Seat& /*seat*/, BilledEvent /*event*/) override {}

  void asks(Seat& /*seat*/) override {}

  std::vector<int> signals;
  slot::Record last_seen;
  std::function<void()> on_interrupt;

 private:
  Loop& loop_;
};

struct SeatAlone {
  SeatAlone() { seat.side().give_turn(); }

  void begin_event(const std::string& id, std::chrono::seconds from_now,
                   std::chrono::seconds between = 0s) {
    const auto deadline = steady_clock::now() + from_now;
    seat.side().give(event_named(id), {deadline, deadline + between});
  }

  void die_of(int signal) {
    seat.worker_ended(process::ExitStatus{process::ExitStatus::Kind::kSignalled, signal});
  }

  Script script;
  Config config;
  ApiFactory make_api = [this] { return testing::make_fake_api(script, 0); };
  Loop loop;
  Owner owner{loop};
  Seat seat{{loop, config, make_api}, owner};
};

}  // namespace

TEST_SUITE("seat") {
  TEST_CASE("a worker behind its deadline is killed, and its event has timed out") {
    SeatAlone alone;
    const auto before = steady_clock::now();
    alone.begin_event("r-1", -1s);
    alone.loop.run();
    CHECK(alone.owner.signals == std::vector{SIGKILL});
    CHECK(alone.owner.last_seen.read >= before);
    CHECK(alone.owner.last_seen.read <= steady_clock::now());
    CHECK(alone.owner.last_seen.event == 1);
    alone.die_of(SIGKILL);
    CHECK(alone.script.notes() == std::vector<std::string>{"fail r-1 Function.Timeout"});
  }

  TEST_CASE("a worker that ended before it was killed does not make the next one late") {
    SeatAlone alone;
    alone.begin_event("r-1", -1s);
    alone.loop.run();
    // Its zygote found it gone, with nothing to report. Another one has taken its place.
    alone.begin_event("r-2", 60s);
    alone.die_of(SIGSEGV);
    CHECK(alone.script.notes() == std::vector<std::string>{"fail r-2 Runtime.WorkerKilled"});
  }

  TEST_CASE("a worker that goes on while it is interrupted keeps the deadline of its next event") {
    SeatAlone alone;
    alone.owner.on_interrupt = [&alone] { alone.begin_event("r-2", 1s); };
    alone.begin_event("r-1", -1s, 3600s);
    const auto limit = alone.loop.after(60s, [&alone] { alone.loop.stop(); });
    alone.loop.run();
    CHECK(alone.owner.signals == std::vector{slot::kInterruptSignal, SIGKILL});
    CHECK(alone.owner.last_seen.event == 2);
  }
}

}  // namespace phork::supervisor
