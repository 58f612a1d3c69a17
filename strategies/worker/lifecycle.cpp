// SPDX-License-Identifier: MIT
#include "strategies/worker/lifecycle.h"

namespace phork::strategies {
namespace {

using A = WorkerAction;
using S = WorkerState;
using Row = std::array<WorkerStep, kWorkerEvents>;

// A frame where none may come: whatever sent it is not our worker any more.
constexpr WorkerStep kMisbehaved{S::kEnding, A::kKillMisbehaved};
constexpr WorkerStep kLostNow{S::kLost, A::kAwaitExit};
constexpr WorkerStep kDied{S::kEnded, A::kReportDeath};
constexpr WorkerStep kTimedOut{S::kEnding, A::kKillTimedOut};
// Already reported: only the end is awaited.
constexpr WorkerStep kStillEnding{S::kEnding, A::kNone};
constexpr WorkerStep kGone{S::kEnded, A::kNone};
// The event has its answer; a worker that goes on talking is ended without another one.
constexpr WorkerStep kTalksOn{S::kEnding, A::kKill};

constexpr WorkerStep stay(S state) {
  return {state, A::kNone};
}

// Columns in the order of WorkerEvent.
constexpr Row kStartingRow{{
    {S::kReady, A::kNone},          // ready frame
    kMisbehaved,                    // return frame: it has not been used
    {S::kEnding, A::kDeliver},      // boot failed frame
    stay(S::kStarting),             // handed: the frame waits in the socket until PHP has booted
    kMisbehaved,                    // answer frame
    kMisbehaved,                    // piece frame
    stay(S::kStarting),             // caller gone
    kMisbehaved,                    // garbage
    kLostNow,                       // channel end
    kDied,                          // exit
    {S::kStarting, A::kInterrupt},  // soft deadline: the boot is inside the event
    kTimedOut,                      // hard deadline
}};
constexpr Row kReadyRow{{
    kMisbehaved,              // ready frame
    kMisbehaved,              // return frame
    kMisbehaved,              // boot failed frame
    {S::kServing, A::kNone},  // handed
    kMisbehaved,              // answer frame
    kMisbehaved,              // piece frame
    stay(S::kReady),          // caller gone
    kMisbehaved,              // garbage
    kLostNow,                 // channel end
    kDied,                    // exit
    stay(S::kReady),          // soft deadline
    {S::kEnding, A::kKill},   // hard deadline: it was not needed in time
}};
constexpr Row kServingRow{{
    kMisbehaved,                       // ready frame
    kMisbehaved,                       // return frame
    kMisbehaved,                       // boot failed frame
    kMisbehaved,                       // handed: a worker serves one event
    {S::kAnswered, A::kDeliver},       // answer frame
    {S::kServing, A::kPassOn},         // piece frame
    {S::kAnswered, A::kLetGo},         // caller gone
    kMisbehaved,                       // garbage
    kLostNow,                          // channel end
    kDied,                             // exit
    {S::kInterrupted, A::kInterrupt},  // soft deadline
    kTimedOut,                         // hard deadline
}};
constexpr Row kInterruptedRow{{
    kMisbehaved,                    // ready frame
    kMisbehaved,                    // return frame
    kMisbehaved,                    // boot failed frame
    kMisbehaved,                    // handed
    {S::kAnswered, A::kDeliver},    // answer frame
    {S::kInterrupted, A::kPassOn},  // piece frame
    {S::kAnswered, A::kLetGo},      // caller gone
    kMisbehaved,                    // garbage
    kLostNow,                       // channel end
    kDied,                          // exit
    stay(S::kInterrupted),          // soft deadline: it was told
    kTimedOut,                      // hard deadline
}};
constexpr Row kLostRow{{
    kMisbehaved,     // ready frame
    kMisbehaved,     // return frame
    kMisbehaved,     // boot failed frame
    stay(S::kLost),  // handed: the death that follows is what the event gets
    kMisbehaved,     // answer frame
    kMisbehaved,     // piece frame
    stay(S::kLost),  // caller gone
    kMisbehaved,     // garbage
    stay(S::kLost),  // channel end
    kDied,           // exit
    stay(S::kLost),  // soft deadline
    kMisbehaved,     // hard deadline: it closed its channel and lives on
}};
constexpr Row kAnsweredRow{{
    kTalksOn,                       // ready frame
    {S::kReady, A::kNone},          // return frame: it can serve again
    kTalksOn,                       // boot failed frame
    kTalksOn,                       // handed
    kTalksOn,                       // answer frame
    kTalksOn,                       // piece frame
    stay(S::kAnswered),             // caller gone
    kTalksOn,                       // garbage
    stay(S::kAnswered),             // channel end
    kGone,                          // exit
    {S::kAnswered, A::kInterrupt},  // soft deadline: work after the answer ends too
    {S::kEnding, A::kKill},         // hard deadline
}};
constexpr Row kEndingRow{{
    kStillEnding,            // ready frame
    kStillEnding,            // return frame
    kStillEnding,            // boot failed frame
    kStillEnding,            // handed
    kStillEnding,            // answer frame
    kStillEnding,            // piece frame
    kStillEnding,            // caller gone
    kStillEnding,            // garbage
    kStillEnding,            // channel end
    kGone,                   // exit
    kStillEnding,            // soft deadline
    {S::kEnding, A::kKill},  // hard deadline: once more, for who is new in its group
}};
constexpr Row kEndedRow{{
    kGone,
    kGone,
    kGone,
    kDied /* handed */,
    kGone,
    kGone,
    kGone,
    kGone,
    kGone,
    kGone,
    kGone,
    kGone,
}};

constexpr std::array<Row, kWorkerStates> kTable{kStartingRow,    kReadyRow, kServingRow,
                                                kInterruptedRow, kLostRow,  kAnsweredRow,
                                                kEndingRow,      kEndedRow};
static_assert(static_cast<std::size_t>(WorkerState::kEnded) + 1 == kWorkerStates);
static_assert(static_cast<std::size_t>(WorkerEvent::kHardDeadline) + 1 == kWorkerEvents);

constexpr std::array<std::string_view, kWorkerStates> kStateNames{
    "starting", "ready", "serving", "interrupted", "lost", "answered", "ending", "ended"};
constexpr std::array<std::string_view, kWorkerEvents> kEventNames{
    "ready frame", "return frame", "boot failed frame", "handed", "answer frame",  "piece frame",
    "caller gone", "garbage",      "channel end",       "exit",   "soft deadline", "hard deadline"};
constexpr std::array<std::string_view, 10> kActionNames{
    "",           "deliver", "pass on",         "let go",           "interrupt",
    "await exit", "kill",    "kill, timed out", "kill, misbehaved", "report death"};
static_assert(static_cast<std::size_t>(WorkerAction::kReportDeath) + 1 == kActionNames.size());

}  // namespace

WorkerStep step(WorkerState state, WorkerEvent event) {
  return kTable.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
}

std::string_view name(WorkerState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::string_view name(WorkerEvent event) {
  return kEventNames.at(static_cast<std::size_t>(event));
}

std::string_view name(WorkerAction action) {
  return kActionNames.at(static_cast<std::size_t>(action));
}

}  // namespace phork::strategies
