// SPDX-License-Identifier: MIT
//
// The life of one worker as a table: for each state and event, the next state and what to do. It
// decides when a worker is dead, lost or of no further use; only Worker::retire() also kills one
// that was given no event. A dead zygote is not its concern: ForkedWorkers (forked.cpp) notices it,
// and Zygotes boots another. Pure: worker.cpp turns descriptors into events and actions into system
// calls. A frame that a state does not expect ends the worker, as we no longer know what it is
// doing. docs/worker-lifecycle.md shows the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace phork::strategies {

enum class WorkerState : std::uint8_t {
  kStarting,     // the process exists, PHP boots
  kReady,        // booted, waits for its event
  kServing,      // has an event
  kInterrupted,  // has an event and was told that its time is up
  kLost,         // its channel ended; its process should end in a moment
  kAnswered,     // its answer is here; it may still work (fastcgi_finish_request)
  kEnding,       // was killed, or said itself that it cannot go on
  kEnded,        // reaped
};

enum class WorkerEvent : std::uint8_t {
  kReadyFrame,
  kReturnFrame,  // ready again, from a worker that serves more than one event
  kBootFailedFrame,
  kEventSent,    // we are about to send it its event
  kAnswerFrame,  // the answer, or the end of a streamed one
  kPieceFrame,   // a part of a streamed answer
  kCallerGone,   // nobody takes the rest of the stream
  kGarbage,      // bytes that are not a frame, or a frame with unreadable content
  kChannelEnd,
  kExit,
  kSoftDeadline,  // time to interrupt PHP
  kHardDeadline,  // time to kill the worker
};

enum class WorkerAction : std::uint8_t {
  kNone,
  kDeliver,         // the frame is the outcome: the answer, or the reason of a failed boot
  kPassOn,          // write the frame to the answer's stream
  kStopListening,   // the event is over; ignore all further frames
  kInterrupt,       // ask PHP to stop
  kAwaitExit,       // give the process a moment to end, so that its status can be reported
  kKill,            // kill the process group; nobody waits for an answer any more
  kKillTimedOut,    // ... and the event has timed out
  kKillMisbehaved,  // ... and the event fails because the worker broke the protocol
  kReportDeath,     // the event fails because the worker ended; the exit status says how
};

inline constexpr std::size_t kWorkerStates = static_cast<std::size_t>(WorkerState::kEnded) + 1;
inline constexpr std::size_t kWorkerEvents =
    static_cast<std::size_t>(WorkerEvent::kHardDeadline) + 1;

struct WorkerStep {
  WorkerState next;
  WorkerAction action;

  bool operator==(const WorkerStep&) const = default;
};

WorkerStep step(WorkerState state, WorkerEvent event);

// As docs/worker-lifecycle.md prints them; "" for kNone.
std::string_view name(WorkerState state);
std::string_view name(WorkerEvent event);
std::string_view name(WorkerAction action);

}  // namespace phork::strategies
