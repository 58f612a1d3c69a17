// SPDX-License-Identifier: MIT
#include "strategies/worker/lifecycle.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace phork::strategies {
namespace {

using enum WorkerState;
using enum WorkerEvent;
using A = WorkerAction;

std::vector<WorkerState> all_states() {
  std::vector<WorkerState> states;
  for (std::size_t i = 0; i < kWorkerStates; ++i) states.push_back(static_cast<WorkerState>(i));
  return states;
}

std::vector<WorkerEvent> all_events() {
  std::vector<WorkerEvent> events;
  for (std::size_t i = 0; i < kWorkerEvents; ++i) events.push_back(static_cast<WorkerEvent>(i));
  return events;
}

// Whether the step tells the event, or the boot, how it ended.
bool settles(const WorkerStep& taken) {
  return taken.action == A::kDeliver || taken.action == A::kLetGo ||
         taken.action == A::kKillTimedOut || taken.action == A::kKillMisbehaved ||
         taken.action == A::kReportDeath;
}

bool is_settled(WorkerState state) {
  return state == kAnswered || state == kEnding || state == kEnded;
}

template <typename Check>
void for_each_step(Check check) {
  for (const WorkerState state : all_states()) {
    for (const WorkerEvent event : all_events()) {
      const std::string_view in = name(state);
      const std::string_view on = name(event);
      CAPTURE(in);
      CAPTURE(on);
      check(state, event, step(state, event));
    }
  }
}

}  // namespace

TEST_SUITE("worker_lifecycle") {
  TEST_CASE("the life of a worker that serves its event") {
    CHECK(step(kStarting, kReadyFrame) == WorkerStep{kReady, A::kNone});
    CHECK(step(kReady, kHanded) == WorkerStep{kServing, A::kNone});
    CHECK(step(kServing, kAnswerFrame) == WorkerStep{kAnswered, A::kDeliver});
    CHECK(step(kAnswered, kChannelEnd) == WorkerStep{kAnswered, A::kNone});
    CHECK(step(kAnswered, kExit) == WorkerStep{kEnded, A::kNone});
  }

  TEST_CASE("a worker that serves again is ready after its answer, and returns from nowhere else") {
    CHECK(step(kAnswered, kReturnFrame) == WorkerStep{kReady, A::kNone});
    for (const WorkerState state : all_states()) {
      if (state != kAnswered) CHECK(step(state, kReturnFrame).next != kReady);
    }
  }

  TEST_CASE("an event is settled exactly once on its way to a settled state") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      // A ready worker has no event yet, and one that has ended can be handed one.
      if (state == kReady && event == kHardDeadline) return;
      if (state == kEnded && event == kHanded) return;
      if (is_settled(state)) {
        CHECK_FALSE(settles(taken));
      } else {
        CHECK(settles(taken) == is_settled(taken.next));
      }
    });
  }

  TEST_CASE("what is settled never becomes unsettled, and what has ended stays ended") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      // Who returns begins anew.
      if (event == kReturnFrame && state == kAnswered) return;
      if (is_settled(state)) CHECK(is_settled(taken.next));
      if (state == kEnding) CHECK((taken.next == kEnding || taken.next == kEnded));
      if (state == kEnded) CHECK(taken.next == kEnded);
    });
  }

  TEST_CASE("only an exit ends a worker") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (event == kExit || state == kEnded) {
        CHECK(taken.next == kEnded);
      } else {
        CHECK(taken.next != kEnded);
      }
    });
  }

  TEST_CASE("whoever is sent to its end is killed, unless it said itself that it goes") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (taken.next != kEnding || state == kEnding || event == kBootFailedFrame) return;
      CHECK((taken.action == A::kKill || taken.action == A::kKillTimedOut ||
             taken.action == A::kKillMisbehaved));
    });
  }

  TEST_CASE("nobody outlives the hard deadline") {
    for (const WorkerState state : all_states()) {
      if (state == kEnded) continue;
      CHECK(step(state, kHardDeadline).next == kEnding);
    }
  }

  TEST_CASE("PHP is interrupted once, before it answers") {
    CHECK(step(kServing, kSoftDeadline) == WorkerStep{kInterrupted, A::kInterrupt});
    CHECK(step(kInterrupted, kSoftDeadline) == WorkerStep{kInterrupted, A::kNone});
    CHECK(step(kInterrupted, kAnswerFrame) == WorkerStep{kAnswered, A::kDeliver});
  }

  TEST_CASE("pieces are passed on while an event is served, and end the worker at other times") {
    for (const WorkerState state : all_states()) {
      const std::string_view in = name(state);
      CAPTURE(in);
      const WorkerStep taken = step(state, kPieceFrame);
      if (state == kServing || state == kInterrupted) {
        CHECK(taken == WorkerStep{state, A::kPassOn});
      } else {
        CHECK(taken.action != A::kPassOn);
        CHECK((taken.next == kEnding || taken.next == kEnded));
      }
    }
  }

  TEST_CASE("a worker whose caller has gone is let go of, and not killed for it") {
    CHECK(step(kServing, kCallerGone) == WorkerStep{kAnswered, A::kLetGo});
    CHECK(step(kInterrupted, kCallerGone) == WorkerStep{kAnswered, A::kLetGo});
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (event != kCallerGone || state == kServing || state == kInterrupted) return;
      CHECK(taken == WorkerStep{state, A::kNone});
    });
  }

  TEST_CASE("an event handed to a worker that is gone is told of the death") {
    CHECK(step(kLost, kHanded).next == kLost);
    CHECK(step(kLost, kExit) == WorkerStep{kEnded, A::kReportDeath});
    CHECK(step(kEnded, kHanded) == WorkerStep{kEnded, A::kReportDeath});
  }

  TEST_CASE("states and events have names of their own") {
    std::set<std::string_view> names;
    for (const WorkerState state : all_states()) CHECK(names.insert(name(state)).second);
    for (const WorkerEvent event : all_events()) CHECK(names.insert(name(event)).second);
    CHECK_FALSE(names.contains(""));
    CHECK(name(A::kPassOn) == "pass on");
    CHECK(name(A::kLetGo) == "let go");
    CHECK(name(A::kReportDeath) == "report death");
  }
}

}  // namespace phork::strategies
