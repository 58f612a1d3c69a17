// SPDX-License-Identifier: MIT
//
// The place of one worker, and all that watches it: reads what it prints and reports, interrupts
// and kills it when it is late, and answers the event of one that died (runtime/slot/duty.h is the
// table of that). A worker asks Lambda for events itself; nothing here acts as long as all is well.
// The loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/process/spawn.h"
#include "runtime/slot/duty.h"
#include "runtime/slot/report.h"
#include "runtime/slot/supervisor_side.h"
#include "supervisor/config.h"
#include "supervisor/first_report.h"
#include "supervisor/loop.h"
#include "supervisor/surroundings.h"
#include "supervisor/worker_output.h"

namespace phork::supervisor {

class Seat;

// The last event of a slot, until all that is billed is over.
class BilledEvent {
 public:
  BilledEvent() = default;

  BilledEvent(slot::CostReport cost, base::Deadline taken)
      : cost_(std::move(cost)), taken_(taken) {}

  // Null once end() was called.
  const slot::CostReport* cost() const { return cost_ ? &*cost_ : nullptr; }

  // Writes its line, once.
  void end(const Config& config);

 private:
  std::optional<slot::CostReport> cost_;
  base::Deadline taken_{};
};

// Has the worker of a seat.
class SeatOwner {
 public:
  SeatOwner() = default;
  SeatOwner(const SeatOwner&) = delete;
  SeatOwner& operator=(const SeatOwner&) = delete;
  virtual ~SeatOwner() = default;

  // SIGKILL is for the worker's whole group, too. Only the worker that was seen, with that event,
  // gets the signal.
  virtual void signal(Seat& seat, int number, const slot::Record& seen) = 0;
  // The worker handed over, and its output has been read.
  virtual void settled(Seat& seat) = 0;

  virtual void became_ready(Seat& /*seat*/) {}

  // The worker sleeps until the environment has been restored from a snapshot.
  virtual void awaits_restore(Seat& /*seat*/) {}

  // The deadline of an event has passed that has long been over, and none came to this seat since.
  virtual void is_over(Seat& /*seat*/) {}

  // The cost of an event that a worker of this slot has served; it is billed until the next one is
  // asked for.
  virtual void has_cost(Seat& seat, BilledEvent event) = 0;
  // The worker is about to ask for an event.
  virtual void asks(Seat& seat) = 0;
};

class Seat : private base::Pinned {
 public:
  // With `first`, the second of two seats. Throws base::SystemError.
  Seat(const Surroundings& surroundings, SeatOwner& owner, Seat* first = nullptr);

  slot::SupervisorSide& side() { return side_; }

  // Makes the pipes for a worker's output. The worker's ends are closed with `theirs`.
  base::Result<std::vector<process::FdMapping>> open_output(std::vector<base::Fd>& theirs) {
    return output_.open(theirs);
  }

  // Takes the reports that have come.
  void catch_up() { on_report(); }

  // A worker begins that is a program of its own, and has to boot in time.
  void begin_worker();

  void restore_worker();  // lets it go on that awaits a restore; has to be ready in time

  void begin_given() { boots_event_ = true; }  // inside its event

  struct End {
    enum class Kind : std::uint8_t {
      kNext,        // another one may take over
      kBootFailed,  // `failure` says why
      kApiGone,     // Lambda's API is gone, or refuses (logged)
    };
    Kind kind = Kind::kNext;
    event::Failure failure = {};
    bool had_event = false;  // since the last end
  };

  // The worker has ended, and was reaped; `status` is empty when it is unknown. Answers the event
  // that it owes.
  End worker_ended(const std::optional<process::ExitStatus>& status);

 private:
  void on_timer();
  void on_report();
  void act(slot::Duty duty, const slot::Record& seen);
  bool was_late(const slot::Record& record) const;
  event::Failure boot_failure(const std::optional<process::ExitStatus>& status);
  bool answer_lost(const slot::Record& record, const std::optional<process::ExitStatus>& status);
  bool end_stream(const slot::Record& record, const event::Outcome& outcome);
  static void log(const slot::LogReport& report);
  LineTag tag() const;

  Surroundings around_;
  SeatOwner& owner_;
  slot::SupervisorSide side_;
  WorkerOutput output_;
  std::unique_ptr<Watch> timer_watch_;
  std::unique_ptr<Watch> report_watch_;
  base::Fd stream_socket_;              // of the last streamed answer
  std::optional<event::Failure> told_;  // why it did not boot
  std::uint32_t last_event_ = 0;        // at the last end
  bool is_restoring_ = false;           // and not booting
  bool boots_event_ = false;            // inside its event, and has not said that it has booted

  // A worker was to be killed for this, but may have ended by itself before.
  struct Lateness {
    std::uint32_t event = 0;
    bool boots = false;
  };

  std::optional<Lateness> late_;
};

}  // namespace phork::supervisor
