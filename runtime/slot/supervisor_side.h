// SPDX-License-Identifier: MIT
//
// The supervisor's side of a seat: makes the shared memory, the timer and the socket for reports
// that workers get, and reads them. All that it reads is hostile input. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/socket_io.h"
#include "runtime/event/invocation.h"
#include "runtime/process/spawn.h"
#include "runtime/slot/page.h"

namespace phork::slot {

// The register at one moment. Ids hold printable ASCII only.
struct Record {
  base::Deadline read;  // a time before all else here was read
  bool has_turn = false;
  Stage stage = Stage::kBooting;
  std::uint32_t event = 0;        // its number; 0: none yet
  event::Invocation invocation;   // its ids; empty before the first event
  std::optional<unsigned> shape;  // http::EventShape as a number
  bool streams = false;
  lambda::StreamMark stream;
  base::Deadline taken;
  base::Deadline soft;
  base::Deadline hard;

  // True when an event is under way: its answer may be missing, or its code still runs.
  bool has_event() const { return stage > Stage::kWaiting && stage != Stage::kDone; }

  // An event's code may be running.
  bool runs_code() const { return stage > Stage::kWaiting && stage < Stage::kHandedOver; }
};

class SupervisorSide : private base::Pinned {
 public:
  // With `first`, this is the second of two seats that pass the turn to one another. Throws
  // base::SystemError.
  explicit SupervisorSide(SupervisorSide* first = nullptr);
  ~SupervisorSide();

  // For a program that serves this seat, or a zygote: from `number` on (worker_side.h).
  std::vector<process::FdMapping> descriptors(int number) const;

  // Readable when a deadline may have passed. A worker arms it for the soft one.
  int timer() const { return timer_.get(); }

  // Readable when the worker has sent a report (report.h).
  int reports() const { return reports_.get(); }

  // Forgets the last worker, for one that has to boot until `limit` and has no turn.
  void begin_worker(base::Deadline limit);
  // For a worker that is started for this event.
  void give(const event::Invocation& invocation, const event::Deadlines& deadlines);
  Record read() const;
  // After the end of its zygote: the pid of this seat's worker, 0 when it has none and will get
  // none from that zygote. A claim of the worker, like all of the register.
  pid_t orphan();

  void silence_timer() const;
  // The next report that is there, as it came, with the descriptor that came with it; nothing when
  // there is none.
  std::optional<base::Message> receive_report();

  // Tells the worker that its output is being read, or a line of it has no end yet.
  void reads(bool does) { page_->reads.store(does ? 1 : 0); }

  // Lets this seat's worker ask for events.
  void give_turn();
  // The other one of two seats has the turn from now on, and is woken: a worker of this seat that
  // passed it may have been killed before it could, or PHP code may have changed the number.
  void pass_turn();
  // The same when this seat's worker is gone. Its event, if the register still has one, does not
  // hold up the other seat.
  void end_turn();
  // Lets a worker go on that sleeps at `stage`.
  void resume(Stage stage);
  // The same at kSnapshot: it has to be ready until `limit`.
  void restored(base::Deadline limit);

 private:
  Page* page_ = nullptr;
  base::Fd memory_;
  base::Fd timer_;
  base::Fd reports_;
  base::Fd their_reports_;
  std::uint32_t number_;
  std::atomic<std::uint32_t>* turn_ = nullptr;
};

}  // namespace phork::slot
