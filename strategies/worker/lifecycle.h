// SPDX-License-Identifier: MIT
//
// The life of one worker as a table: in each state, for each event, the next state and what to do.
// Pure; worker.cpp turns descriptors into events and actions into system calls. Every pair has a
// visible answer: what cannot happen is answered by ending the worker, as it then does what no
// worker should. docs/worker-lifecycle.md is drawn from this table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace phork::strategies {

enum class WorkerState : std::uint8_t {
  kStarting,     // process exists, PHP boots
  kReady,        // booted, waits for its event
  kServing,      // has an event
  kInterrupted,  // has an event and was told that its time is up
  kLost,         // its channel ended; its process should follow in a moment
  kAnswered,     // its answer is here; it may still work (fastcgi_finish_request)
  kEnding,       // was killed, or said itself that it cannot go on
  kEnded,        // reaped
};

enum class WorkerEvent : std::uint8_t {
  kReadyFrame,
  kReturnFrame,  // ready, from a worker that is to serve again
  kBootFailedFrame,
  kHanded,       // an event was given to it
  kAnswerFrame,  // the answer, or the end of one that was streamed
  kPieceFrame,   // a part of an answer that is streamed
  kCallerGone,   // nobody takes the rest of it
  kGarbage,      // bytes that are no frame
  kChannelEnd,
  kExit,
  kSoftDeadline,  // PHP is to be interrupted
  kHardDeadline,  // no more time
};

enum class WorkerAction : std::uint8_t {
  kNone,
  kDeliver,         // hand on the frame: it is the answer, or the reason of a failed boot
  kPassOn,          // write the frame to the answer's stream
  kLetGo,           // the event is over; what the worker still says is not heard
  kInterrupt,       // ask PHP to stop
  kAwaitExit,       // give the process a moment to show how it ends
  kKill,            // end the process group; nobody waits for an answer any more
  kKillTimedOut,    // ... and the event has timed out
  kKillMisbehaved,  // ... and the event fails because the worker cannot be understood
  kReportDeath,     // the event fails because the worker ended; its status says how
};

inline constexpr std::size_t kWorkerStates = 8;
inline constexpr std::size_t kWorkerEvents = 12;

struct WorkerStep {
  WorkerState next;
  WorkerAction action;

  bool operator==(const WorkerStep&) const = default;
};

WorkerStep step(WorkerState state, WorkerEvent event);

std::string_view name(WorkerState state);
std::string_view name(WorkerEvent event);
std::string_view name(WorkerAction action);

}  // namespace phork::strategies
