// SPDX-License-Identifier: MIT
#include "strategies/worker/lifecycle.h"

#include <algorithm>
#include <array>

namespace phork::strategies {
namespace {

using A = WorkerAction;
using S = WorkerState;
using E = WorkerEvent;

// An unexpected frame: the sender is not under our control any more.
constexpr WorkerStep kMisbehaved{S::kEnding, A::kKillMisbehaved};
constexpr WorkerStep kLostNow{S::kLost, A::kAwaitExit};
constexpr WorkerStep kDied{S::kEnded, A::kReportDeath};
constexpr WorkerStep kTimedOut{S::kEnding, A::kKillTimedOut};
// The event already has its answer; kill a worker that goes on talking, without a second outcome.
constexpr WorkerStep kTalksOn{S::kEnding, A::kKill};
// The outcome is known; only the exit is awaited.
constexpr WorkerStep kStillEnding{S::kEnding, A::kNone};
constexpr WorkerStep kGone{S::kEnded, A::kNone};

constexpr WorkerStep stay(S state) {
  return {state, A::kNone};
}

// The steps of one state, by event.
class Row {
 public:
  constexpr Row() { steps_.fill(kUnset); }

  // Frames that the row does not set later are answered with `unexpected`.
  explicit constexpr Row(WorkerStep unexpected) : Row() {
    for (const E frame : {E::kReadyFrame, E::kReturnFrame, E::kBootFailedFrame, E::kAnswerFrame,
                          E::kPieceFrame, E::kGarbage}) {
      (*this)[frame] = unexpected;
    }
  }

  constexpr WorkerStep& operator[](E event) { return steps_.at(static_cast<std::size_t>(event)); }

  constexpr WorkerStep at(E event) const { return steps_.at(static_cast<std::size_t>(event)); }

  constexpr bool complete() const {
    return std::ranges::none_of(steps_, [](const WorkerStep& step) { return step == kUnset; });
  }

 private:
  static constexpr WorkerStep kUnset{static_cast<S>(kWorkerStates), A::kNone};

  std::array<WorkerStep, kWorkerEvents> steps_{};
};

constexpr Row starting_row() {
  Row row(kMisbehaved);
  row[E::kReadyFrame] = {S::kReady, A::kNone};
  row[E::kBootFailedFrame] = {S::kEnding, A::kDeliver};
  row[E::kEventSent] = stay(S::kStarting);  // the socket keeps the frame until PHP has booted
  row[E::kCallerGone] = stay(S::kStarting);
  row[E::kChannelEnd] = kLostNow;
  row[E::kExit] = kDied;
  row[E::kSoftDeadline] = {S::kStarting, A::kInterrupt};  // PHP boots inside the event
  row[E::kHardDeadline] = kTimedOut;
  return row;
}

constexpr Row ready_row() {
  Row row(kMisbehaved);
  row[E::kEventSent] = {S::kServing, A::kNone};
  row[E::kCallerGone] = stay(S::kReady);
  row[E::kChannelEnd] = kLostNow;
  row[E::kExit] = kDied;
  row[E::kSoftDeadline] = stay(S::kReady);
  row[E::kHardDeadline] = {S::kEnding, A::kKill};  // no event came for it in time
  return row;
}

constexpr Row serving_row() {
  Row row(kMisbehaved);
  row[E::kEventSent] = kMisbehaved;  // one event at a time
  row[E::kAnswerFrame] = {S::kAnswered, A::kDeliver};
  row[E::kPieceFrame] = {S::kServing, A::kPassOn};
  row[E::kCallerGone] = {S::kAnswered, A::kStopListening};
  row[E::kChannelEnd] = kLostNow;
  row[E::kExit] = kDied;
  row[E::kSoftDeadline] = {S::kInterrupted, A::kInterrupt};
  row[E::kHardDeadline] = kTimedOut;
  return row;
}

// As while serving, but PHP is not interrupted a second time.
constexpr Row interrupted_row() {
  Row row = serving_row();
  row[E::kPieceFrame] = {S::kInterrupted, A::kPassOn};
  row[E::kSoftDeadline] = stay(S::kInterrupted);
  return row;
}

constexpr Row lost_row() {
  Row row(kMisbehaved);
  row[E::kEventSent] = stay(S::kLost);  // the event fails with the exit that follows
  row[E::kCallerGone] = stay(S::kLost);
  row[E::kChannelEnd] = stay(S::kLost);
  row[E::kExit] = kDied;
  row[E::kSoftDeadline] = stay(S::kLost);
  row[E::kHardDeadline] = kMisbehaved;  // it closed its channel and is still alive
  return row;
}

constexpr Row answered_row() {
  Row row(kTalksOn);
  row[E::kReturnFrame] = {S::kReady, A::kNone};
  row[E::kEventSent] = kTalksOn;
  row[E::kCallerGone] = stay(S::kAnswered);
  row[E::kChannelEnd] = stay(S::kAnswered);
  row[E::kExit] = kGone;
  row[E::kSoftDeadline] = {S::kAnswered, A::kInterrupt};  // ends work after the answer too
  row[E::kHardDeadline] = {S::kEnding, A::kKill};
  return row;
}

constexpr Row ending_row() {
  Row row(kStillEnding);
  row[E::kEventSent] = kStillEnding;
  row[E::kCallerGone] = kStillEnding;
  row[E::kChannelEnd] = kStillEnding;
  row[E::kExit] = kGone;
  row[E::kSoftDeadline] = kStillEnding;
  row[E::kHardDeadline] = {S::kEnding, A::kKill};  // again, for processes new in its group
  return row;
}

constexpr Row ended_row() {
  Row row(kGone);
  row[E::kEventSent] = kDied;
  row[E::kCallerGone] = kGone;
  row[E::kChannelEnd] = kGone;
  row[E::kExit] = kGone;
  row[E::kSoftDeadline] = kGone;
  row[E::kHardDeadline] = kGone;
  return row;
}

using Table = std::array<Row, kWorkerStates>;

constexpr Table make_table() {
  Table table;
  const auto row = [&table](S state) -> Row& { return table.at(static_cast<std::size_t>(state)); };
  row(S::kStarting) = starting_row();
  row(S::kReady) = ready_row();
  row(S::kServing) = serving_row();
  row(S::kInterrupted) = interrupted_row();
  row(S::kLost) = lost_row();
  row(S::kAnswered) = answered_row();
  row(S::kEnding) = ending_row();
  row(S::kEnded) = ended_row();
  return table;
}

constexpr Table kTable = make_table();
static_assert(std::ranges::all_of(kTable, &Row::complete), "a state lacks the step of an event");

}  // namespace

WorkerStep step(WorkerState state, WorkerEvent event) {
  return kTable.at(static_cast<std::size_t>(state)).at(event);
}

std::string_view name(WorkerState state) {
  switch (state) {
    case S::kStarting:
      return "starting";
    case S::kReady:
      return "ready";
    case S::kServing:
      return "serving";
    case S::kInterrupted:
      return "interrupted";
    case S::kLost:
      return "lost";
    case S::kAnswered:
      return "answered";
    case S::kEnding:
      return "ending";
    case S::kEnded:
      return "ended";
  }
  return "";
}

std::string_view name(WorkerEvent event) {
  switch (event) {
    case E::kReadyFrame:
      return "ready frame";
    case E::kReturnFrame:
      return "return frame";
    case E::kBootFailedFrame:
      return "boot failed frame";
    case E::kEventSent:
      return "event sent";
    case E::kAnswerFrame:
      return "answer frame";
    case E::kPieceFrame:
      return "piece frame";
    case E::kCallerGone:
      return "caller gone";
    case E::kGarbage:
      return "garbage";
    case E::kChannelEnd:
      return "channel end";
    case E::kExit:
      return "exit";
    case E::kSoftDeadline:
      return "soft deadline";
    case E::kHardDeadline:
      return "hard deadline";
  }
  return "";
}

std::string_view name(WorkerAction action) {
  switch (action) {
    case A::kNone:
      return "";
    case A::kDeliver:
      return "deliver";
    case A::kPassOn:
      return "pass on";
    case A::kStopListening:
      return "stop listening";
    case A::kInterrupt:
      return "interrupt";
    case A::kAwaitExit:
      return "await exit";
    case A::kKill:
      return "kill";
    case A::kKillTimedOut:
      return "kill, timed out";
    case A::kKillMisbehaved:
      return "kill, misbehaved";
    case A::kReportDeath:
      return "report death";
  }
  return "";
}

}  // namespace phork::strategies
