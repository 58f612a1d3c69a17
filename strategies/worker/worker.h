// SPDX-License-Identifier: MIT
//
// One PHP worker from its start to its end, driven by the table in lifecycle.h. Used by the thread
// of one slot. Whatever the process does, serve() returns exactly one outcome, and retire() leaves
// nothing of the process behind. Most workers serve one event; await_return() is for those that can
// serve another.
#pragma once

#include <memory>
#include <optional>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/http/answer_writer.h"
#include "runtime/process/spawn.h"
#include "strategies/strategy.h"
#include "strategies/worker/lifecycle.h"
#include "strategies/worker/link.h"
#include "strategies/worker/messages.h"

namespace phork::strategies {

// The process of a worker: a child of ours (spawned.cpp) or of the zygote (forked.cpp). Belongs to
// one Worker; its destructor ends the process and its group.
class WorkerProcess : private base::Pinned {
 public:
  WorkerProcess() = default;
  virtual ~WorkerProcess() = default;

  // Readable once the process has ended.
  virtual int pidfd() const = 0;
  // Asks PHP to stop (php-worker/sapi/interrupt.h); shutdown functions still run.
  virtual void interrupt() = 0;
  virtual void kill_group() = 0;
  // Reaps the process, and kills the rest of its group. Empty when it has not ended by `deadline`,
  // or when its status cannot be learned because the zygote is gone.
  virtual std::optional<process::ExitStatus> wait(base::Deadline deadline) = 0;
};

class Worker {
 public:
  Worker(WorkerLink link, std::unique_ptr<WorkerProcess> process, const Settings& settings)
      : link_(std::move(link)), process_(std::move(process)), settings_(settings) {}

  // Waits until it has booted. Returns why it did not; nothing when it is ready.
  std::optional<event::Failure> await_ready(base::Deadline deadline);

  // True when it is booted and alive, as far as can be seen without waiting.
  bool ready();

  // Was given an event: it cannot serve another one unless it returns.
  bool used() const { return used_; }

  // The number of events it was given.
  unsigned events() const { return events_; }

  // Was ended by a signal that we did not send.
  bool crashed() const { return crashed_; }

  // Serves one event. If the worker is still booting, waits for it within the event's time. Writes
  // a streamed answer to `stream` while it comes in.
  Served serve(const event::Invocation& invocation, event::AnswerStream& stream);

  // After an answer, waits within the time of that event until the worker says ready again. False
  // when it does not, or when it was interrupted: a signal that arrives late would interrupt the
  // next event.
  bool await_return();

  // Waits within the time of its event until the worker exits, then kills it. Forwards its last
  // log lines.
  void retire();

 private:
  // Waits for the next event of the lifecycle and handles it.
  void advance();
  // Takes the step of the table and acts on it.
  void handle(WorkerEvent event);
  WorkerEvent next_event();
  void act(WorkerEvent event, WorkerAction action);
  void deliver(WorkerEvent event);
  void pass_on();
  base::Status write_piece();
  event::Outcome time_out();
  void fail(event::Failure failure);
  std::optional<WorkerEvent> read_frame();
  WorkerEvent read_ready();
  // The deadline that has passed, if any. The soft one is reported once.
  std::optional<WorkerEvent> passed_deadline();

  WorkerLink link_;
  std::unique_ptr<WorkerProcess> process_;
  const Settings& settings_;
  WorkerState state_ = WorkerState::kStarting;
  EventDeadlines deadlines_{base::kNoDeadline, base::kNoDeadline};
  wire::Ready ready_;
  const event::Invocation* invocation_ = nullptr;  // being served
  WorkerRequest request_;
  event::AnswerStream* stream_ = nullptr;     // of the event being served
  std::optional<http::StreamWriter> writer_;  // set once the answer has begun to stream
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
