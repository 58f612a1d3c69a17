// SPDX-License-Identifier: MIT
#include "strategies/worker/lifecycle.h"

#include <cstdlib>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
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

// True when the step decides the outcome of the event or of the boot.
bool settles(const WorkerStep& taken) {
  return taken.action == A::kDeliver || taken.action == A::kStopListening ||
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

// The table and the diagram of docs/worker-lifecycle.md.
std::string cell(WorkerState state, WorkerEvent event) {
  const WorkerStep next = step(state, event);
  std::string text;
  if (next.next != state) text.append("**").append(name(next.next)).append("**");
  if (next.action != WorkerAction::kNone) {
    text.append(text.empty() ? "" : ": ").append(name(next.action));
  }
  return text.empty() ? "-" : text;
}

void draw_table(std::ostream& out) {
  out << "| |";
  for (std::size_t state = 0; state < kWorkerStates; ++state) {
    out << ' ' << name(static_cast<WorkerState>(state)) << " |";
  }
  out << "\n|---|";
  for (std::size_t state = 0; state < kWorkerStates; ++state) out << "---|";
  for (std::size_t event = 0; event < kWorkerEvents; ++event) {
    out << "\n| " << name(static_cast<WorkerEvent>(event)) << " |";
    for (std::size_t state = 0; state < kWorkerStates; ++state) {
      out << ' ' << cell(static_cast<WorkerState>(state), static_cast<WorkerEvent>(event)) << " |";
    }
  }
  out << "\n";
}

void draw_diagram(std::ostream& out) {
  out << "```mermaid\nstateDiagram-v2\n  [*] --> starting\n";
  for (std::size_t at = 0; at < kWorkerStates * kWorkerEvents; ++at) {
    const auto state = static_cast<WorkerState>(at / kWorkerEvents);
    const auto event = static_cast<WorkerEvent>(at % kWorkerEvents);
    const WorkerStep next = step(state, event);
    if (next.next == state) continue;
    out << "  " << name(state) << " --> " << name(next.next) << " : " << name(event);
    if (next.action != WorkerAction::kNone) out << " / " << name(next.action);
    out << "\n";
  }
  out << "  ended --> [*]\n```\n";
}

}  // namespace

TEST_SUITE("worker_lifecycle") {
  TEST_CASE("a worker boots, takes an event, answers and exits") {
    CHECK(step(kStarting, kReadyFrame) == WorkerStep{kReady, A::kNone});
    CHECK(step(kReady, kEventSent) == WorkerStep{kServing, A::kNone});
    CHECK(step(kServing, kAnswerFrame) == WorkerStep{kAnswered, A::kDeliver});
    CHECK(step(kAnswered, kChannelEnd) == WorkerStep{kAnswered, A::kNone});
    CHECK(step(kAnswered, kExit) == WorkerStep{kEnded, A::kNone});
  }

  TEST_CASE("only a worker that has answered can return to ready") {
    CHECK(step(kAnswered, kReturnFrame) == WorkerStep{kReady, A::kNone});
    for (const WorkerState state : all_states()) {
      if (state != kAnswered) CHECK(step(state, kReturnFrame).next != kReady);
    }
  }

  TEST_CASE("every step into a settled state decides the outcome, and no later step does") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      // A ready worker has no event yet; an event may be sent to a worker that has just ended.
      if (state == kReady && event == kHardDeadline) return;
      if (state == kEnded && event == kEventSent) return;
      if (is_settled(state)) {
        CHECK_FALSE(settles(taken));
      } else {
        CHECK(settles(taken) == is_settled(taken.next));
      }
    });
  }

  TEST_CASE("a settled worker stays settled, and an ended one stays ended") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      // A returning worker starts over.
      if (event == kReturnFrame && state == kAnswered) return;
      if (is_settled(state)) CHECK(is_settled(taken.next));
      if (state == kEnding) CHECK((taken.next == kEnding || taken.next == kEnded));
      if (state == kEnded) CHECK(taken.next == kEnded);
    });
  }

  TEST_CASE("a worker has ended only when its process has exited") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (event == kExit || state == kEnded) {
        CHECK(taken.next == kEnded);
      } else {
        CHECK(taken.next != kEnded);
      }
    });
  }

  TEST_CASE("a worker that must end is killed, unless it reported a failed boot itself") {
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (taken.next != kEnding || state == kEnding || event == kBootFailedFrame) return;
      CHECK((taken.action == A::kKill || taken.action == A::kKillTimedOut ||
             taken.action == A::kKillMisbehaved));
    });
  }

  TEST_CASE("the hard deadline ends a worker in every state") {
    for (const WorkerState state : all_states()) {
      if (state == kEnded) continue;
      CHECK(step(state, kHardDeadline).next == kEnding);
    }
  }

  TEST_CASE("PHP is interrupted once while it serves, and may still answer") {
    CHECK(step(kServing, kSoftDeadline) == WorkerStep{kInterrupted, A::kInterrupt});
    CHECK(step(kInterrupted, kSoftDeadline) == WorkerStep{kInterrupted, A::kNone});
    CHECK(step(kInterrupted, kAnswerFrame) == WorkerStep{kAnswered, A::kDeliver});
  }

  TEST_CASE("a piece frame is passed on while an event is served, and ends the worker otherwise") {
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

  TEST_CASE("a worker whose caller has gone is no longer listened to, and not killed") {
    CHECK(step(kServing, kCallerGone) == WorkerStep{kAnswered, A::kStopListening});
    CHECK(step(kInterrupted, kCallerGone) == WorkerStep{kAnswered, A::kStopListening});
    for_each_step([](WorkerState state, WorkerEvent event, const WorkerStep& taken) {
      if (event != kCallerGone || state == kServing || state == kInterrupted) return;
      CHECK(taken == WorkerStep{state, A::kNone});
    });
  }

  TEST_CASE("an event sent to a worker that is gone fails with that worker's death") {
    CHECK(step(kLost, kEventSent).next == kLost);
    CHECK(step(kLost, kExit) == WorkerStep{kEnded, A::kReportDeath});
    CHECK(step(kEnded, kEventSent) == WorkerStep{kEnded, A::kReportDeath});
  }

  TEST_CASE("every state and every event has its own name") {
    std::set<std::string_view> names;
    for (const WorkerState state : all_states()) CHECK(names.insert(name(state)).second);
    for (const WorkerEvent event : all_events()) CHECK(names.insert(name(event)).second);
    CHECK_FALSE(names.contains(""));
    CHECK(name(A::kPassOn) == "pass on");
    CHECK(name(A::kStopListening) == "stop listening");
    CHECK(name(A::kReportDeath) == "report death");
  }

  TEST_CASE("docs/worker-lifecycle.md is drawn from the table") {
    std::ostringstream drawn;
    draw_table(drawn);
    drawn << "\n";
    draw_diagram(drawn);
    const char* source = std::getenv("PHORK_SOURCE");
    REQUIRE_MESSAGE(source != nullptr, "PHORK_SOURCE is not set; run by Meson");
    const std::string path = std::string(source) + "/docs/worker-lifecycle.md";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    CHECK_MESSAGE(text.str().find(drawn.str()) != std::string::npos, "put this into "
                                                                         << path << ":\n"
                                                                         << drawn.str());
  }
}

}  // namespace phork::strategies
