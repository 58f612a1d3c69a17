// SPDX-License-Identifier: MIT
//
// Kills the process of an event before and after each of its system calls, from its birth to its
// end, one call later each time, and the zygote in the same way. Where the kill stands to the
// event's way decides exactly what the event gets: before the event is registered, the answer of
// another process; then the supervisor's error; from the moment on at which the answer has left,
// that answer. The next event is served normally, and no `next` overtakes another.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/conformance/strict_lambda.h"
#include "tests/support/sanitizer.h"
#include "tests/support/traced_process.h"

namespace {

using namespace phork;
using conformance::StrictLambda;
using testing::eventually;
using testing::SystemCall;
using testing::TracedProcess;

#ifdef SYS_poll
constexpr long kPoll = SYS_poll;
#else
constexpr long kPoll = SYS_ppoll;
#endif

// The way of an event through the process that has it.
enum class Phase : std::uint8_t { kUnregistered, kRegistered, kAnswerSent };

Phase phase_after(Phase before, const SystemCall& call) {
  // The register is written before the timer is armed.
  if (before == Phase::kUnregistered && call.number == SYS_timerfd_settime) {
    return Phase::kRegistered;
  }
  const bool sends = call.number == SYS_sendmsg && call.is_done && call.result > 0;
  return before == Phase::kRegistered && sends ? Phase::kAnswerSent : before;
}

// A process that puts its memory back makes hundreds of calls; most of them change nothing.
constexpr unsigned kEachStep = 60;
constexpr unsigned kStride = 17;

struct Variant {
  std::string strategy;
  std::string refill = "before";
  bool prints = false;  // so that the worker hands over
};

class Environment : public StrictLambda {
 public:
  explicit Environment(const Variant& variant)
      : StrictLambda(variant.strategy, {{"PHORK_REFILL", variant.refill}}),
        variant_(variant),
        idle_processes_(testing::idle_processes(variant.strategy) +
                        (variant.refill == "during" ? 1 : 0)) {}

  // A process that waits in one of these system calls, or 0.
  pid_t find_sleeping(std::initializer_list<long> calls) const {
    for (const pid_t each : testing::descendant_pids(pid())) {
      const auto sleeps = [each](long call) { return testing::sleeps_in(each, call); };
      if (std::ranges::any_of(calls, sleeps)) return each;
    }
    return 0;
  }

  pid_t wait_sleeping(std::initializer_list<long> calls) const {
    pid_t found = 0;
    const bool sleeps = eventually([&] { return (found = find_sleeping(calls)) != 0; });
    REQUIRE_MESSAGE(sleeps, output());
    return found;
  }

  // The worker that waits in `next`, or 0.
  pid_t find_asking_worker() const { return find_sleeping({SYS_recvfrom}); }

  pid_t asking_worker() const { return wait_sleeping({SYS_recvfrom}); }

  pid_t zygote() const { return wait_sleeping({kPoll, SYS_restart_syscall}); }

  std::string give_event() { return StrictLambda::give_event(variant_.prints); }

  void check_killed(const std::string& id) { check_error(id, "Runtime.WorkerKilled", "signal 9"); }

  bool is_tidy() const {
    const testing::Descendants below = testing::descendants(pid());
    return below.zombies == 0 && below.live == idle_processes_;
  }

  // Serves events until the processes are those of an idle environment: after many crashes another
  // zygote boots, and the child of the old one has one more event.
  void settle() {
    const bool settled = eventually([this] {
      check_answer(give_event());
      wait_idle();
      return is_tidy();
    });
    REQUIRE_MESSAGE(settled, output());
  }

 private:
  const Variant variant_;
  const int idle_processes_;
};

using IsOver = std::function<bool(const SystemCall& last)>;

// Runs the process up to its stop number `step`, and kills it there; nothing when it has ended or
// `is_over()` before.
std::optional<Phase> kill_at(TracedProcess& process, unsigned step, const IsOver& is_over,
                             const std::function<void()>& before_late_kill) {
  Phase phase = Phase::kUnregistered;
  SystemCall last{};
  for (unsigned stop = 0; stop < step; ++stop) {
    process.resume();
    std::optional<SystemCall> call;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!(call = process.poll())) {
      if (process.has_ended() || is_over(last)) return std::nullopt;
      if (std::chrono::steady_clock::now() > deadline) FAIL("the process neither stops nor ends");
      std::this_thread::yield();
    }
    last = *call;
    phase = phase_after(phase, last);
  }
  if (phase == Phase::kAnswerSent) before_late_kill();
  process.kill();
  return phase;
}

bool sleeps(const SystemCall& last, std::initializer_list<long> calls) {
  return !last.is_done && std::ranges::find(calls, static_cast<long>(last.number)) != calls.end();
}

// False when the event was over before.
bool kill_worker_of_event(Environment& environment, unsigned step) {
  const std::size_t refused = environment.api().refused().size();
  std::optional<Phase> phase;
  std::string id;
  {
    TracedProcess worker(environment.asking_worker());
    id = environment.give_event();
    const auto is_over = [&](const SystemCall& last) {
      return sleeps(last, {SYS_recvfrom}) && environment.api().outcome_of(id) &&
             environment.api().idle();
    };
    // The answer has left; the error that the supervisor may post must not overtake it.
    phase = kill_at(worker, step, is_over, [&] { environment.check_answer(id); });
  }
  if (phase == Phase::kRegistered) {
    environment.check_killed(id);
  } else {
    environment.check_answer(id);
  }
  const bool may_be_doubted = phase == Phase::kAnswerSent;
  CHECK(environment.api().refused().size() <= refused + (may_be_doubted ? 1 : 0));
  environment.settle();
  return phase.has_value();
}

// A child that is killed between its birth and its first event, which it may have asked for.
bool kill_newborn(Environment& environment, unsigned step, bool with_event) {
  bool was_killed = false;
  std::vector<std::string> ids;
  {
    pid_t born = 0;
    // A zygote that another one replaces ends without a fork.
    while (born == 0) {
      TracedProcess zygote(environment.zygote());
      if (with_event) {
        ids.push_back(environment.give_event());
      } else {
        ::kill(environment.asking_worker(), SIGKILL);
      }
      born = zygote.child_of_next_fork();
    }
    TracedProcess worker(born, TracedProcess::Born{});
    const auto is_over = [&](const SystemCall& last) {
      return sleeps(last, {SYS_recvfrom, SYS_futex}) && environment.api().idle();
    };
    was_killed = kill_at(worker, step, is_over, [] {}).has_value();
  }
  for (const std::string& id : ids) environment.check_answer(id);
  environment.settle();
  CHECK(environment.api().refused().empty());
  return was_killed;
}

// Costs no event.
bool kill_zygote(Environment& environment, unsigned step, bool with_event) {
  bool was_killed = false;
  std::string id;
  {
    const pid_t worker = environment.asking_worker();
    TracedProcess zygote(environment.zygote());
    if (with_event) {
      id = environment.give_event();
    } else {
      ::kill(worker, SIGKILL);
    }
    const auto is_over = [&](const SystemCall& last) {
      if (!sleeps(last, {kPoll, SYS_restart_syscall})) return false;
      if (with_event && !environment.api().outcome_of(id)) return false;
      if (testing::lives(worker)) return false;  // the zygote still has to wait for its end
      const pid_t next = environment.find_asking_worker();
      return next != 0 && next != worker && environment.api().idle() && environment.is_tidy();
    };
    was_killed = kill_at(zygote, step, is_over, [] {}).has_value();
  }
  if (with_event) environment.check_answer(id);
  environment.settle();
  const auto refused = environment.api().refused();
  REQUIRE_MESSAGE(refused.empty(), refused.front() << "\n" << environment.output());
  return was_killed;
}

using KillAt = std::function<bool(Environment&, unsigned step)>;

void kill_at_each_step(const Variant& variant, const char* who, const KillAt& kill) {
  Environment environment(variant);
  environment.settle();
  unsigned step = 1;
  unsigned kills = 0;
  for (;; step += step < kEachStep ? 1 : kStride) {
    INFO(variant.strategy << ", refill " << variant.refill << ", " << who << ", step " << step);
    if (!kill(environment, step)) break;
    ++kills;
  }
  std::cout << variant.strategy << ", refill " << variant.refill
            << (variant.prints ? ", with output" : "") << ": " << who << " killed at " << kills
            << " of " << step - 1 << " steps" << std::endl;
  // An event that is received, registered and answered has at least these.
  CHECK(kills > 10);
}

std::vector<Variant> variants(const std::vector<std::string>& strategies) {
  std::vector<Variant> all;
  for (const std::string& strategy : strategies) {
    // It cannot boot there.
    if (testing::kAddressSanitizer && strategy == "rollback") continue;
    for (const bool prints : {false, true}) all.push_back({strategy, "before", prints});
    if (strategy == "fork" || strategy == "prespawn") all.push_back({strategy, "during", true});
  }
  return all;
}

}  // namespace

TEST_SUITE("kill steps") {
  TEST_CASE("a worker that is killed at any step of an event costs at most that event") {
    for (const Variant& variant : variants({"fork", "rollback", "inprocess", "prespawn"})) {
      kill_at_each_step(variant, "worker", kill_worker_of_event);
    }
  }

  TEST_CASE("a child that is killed at any step before its first event costs none") {
    for (const Variant& variant : variants({"fork", "rollback"})) {
      if (!variant.prints) continue;
      kill_at_each_step(variant, "newborn", [&](Environment& environment, unsigned step) {
        return kill_newborn(environment, step, variant.strategy == "fork");
      });
    }
  }

  TEST_CASE("a zygote that is killed at any step beside an event costs none") {
    for (const Variant& variant : variants({"fork", "rollback"})) {
      if (!variant.prints) continue;
      for (const bool with_event : {false, true}) {
        // Under rollback the zygote has no part in an event.
        if (with_event && variant.strategy == "rollback") continue;
        kill_at_each_step(variant, "zygote", [with_event](Environment& environment, unsigned step) {
          return kill_zygote(environment, step, with_event);
        });
      }
    }
  }
}
