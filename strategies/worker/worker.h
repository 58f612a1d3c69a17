// SPDX-License-Identifier: MIT
//
// One PHP worker from its start to its end, driven by the table in worker_lifecycle.h. Used by one
// slot's thread. Whatever the process does, serve() returns exactly one outcome and retire()
// leaves nothing of it. Most serve one event; await_return() is for those that can serve more.
#pragma once

#include <memory>
#include <optional>

#include "runtime/http/answer_writer.h"
#include "strategies/strategy.h"
#include "strategies/worker/lifecycle.h"
#include "strategies/worker/link.h"
#include "strategies/worker/messages.h"
#include "strategies/worker/process.h"

namespace phork::strategies {

// When an event is to be over: PHP is interrupted at `soft` and ended at `hard`.
struct EventDeadlines {
  base::Deadline soft;
  base::Deadline hard;
};

// The event's deadline less the margin, and less two fifths of it, as times of the steady clock.
// The deadline is wall-clock time, which jumps when a frozen environment thaws, so it is converted
// when the event begins and not before.
EventDeadlines event_deadlines(const event::Invocation& invocation, const Settings& settings);

class Worker {
 public:
  Worker(WorkerLink link, std::unique_ptr<WorkerProcess> process, const Settings& settings)
      : link_(std::move(link)), process_(std::move(process)), settings_(settings) {}

  // Waits until it has booted. Empty when it is ready; else why it is not.
  std::optional<event::Failure> await_ready(base::Deadline deadline);

  // Booted and alive, as far as can be seen without waiting.
  bool ready();

  // Was given an event, so that it cannot serve another unless it returns.
  bool used() const { return used_; }

  // Those it was given.
  unsigned events() const { return events_; }

  // Ended in a way that no PHP code asks for: by a signal that we did not send.
  bool crashed() const { return crashed_; }

  // Serves one event; a worker that still boots is waited for within the event's time.
  // An answer that is streamed is written to `stream` on the way.
  Served serve(const event::Invocation& invocation, event::AnswerStream& stream);

  // With its event answered, waits within the time of that event until it says ready again; true
  // when it is as it was before it was used. False when it does not return, or was interrupted: a
  // signal that reaches it late would interrupt the next event.
  bool await_return();

  // Waits for its end within the time of its event, then ends it; forwards its last lines.
  void retire();

 private:
  // Waits for an event and takes it.
  void turn();
  // Looks up the step of an event and acts.
  void take(WorkerEvent event);
  WorkerEvent next_event();
  void act(WorkerEvent event, WorkerAction action);
  void deliver(WorkerEvent event);
  void pass_on();
  base::Status write_piece();
  event::Outcome give_up();
  void fail(event::Failure failure);
  std::optional<WorkerEvent> heard();
  // The deadline that has passed, if any; the soft one is told once.
  std::optional<WorkerEvent> due();
  WorkerEvent heard_ready();

  WorkerLink link_;
  std::unique_ptr<WorkerProcess> process_;
  const Settings& settings_;
  WorkerState state_ = WorkerState::kStarting;
  EventDeadlines deadlines_{base::kNoDeadline, base::kNoDeadline};
  wire::Ready ready_;
  const event::Invocation* invocation_ = nullptr;  // being served
  WorkerRequest request_;
  event::AnswerStream* stream_ = nullptr;     // of the event being served
  std::optional<http::StreamWriter> writer_;  // once something was written to it
  std::optional<Served> served_;              // the outcome, once it is known
  std::optional<process::ExitStatus> status_;
  unsigned events_ = 0;
  bool used_ = false;
  bool returns_ = false;  // is expected to say ready again
  bool interrupted_ = false;
  bool crashed_ = false;
  bool killed_ = false;  // by us
};

}  // namespace phork::strategies
