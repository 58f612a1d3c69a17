// SPDX-License-Identifier: MIT
//
// One worker of php-fpm and its connection: identified once, then given one event after the other.
// It is our grandchild, and its master reaps it. We signal it through a pidfd, as its process id
// may be reused. Belongs to the thread of one slot.
#pragma once

#include <memory>

#include "runtime/base/pinned.h"
#include "strategies/fpm/connection.h"
#include "strategies/fpm/master.h"
#include "strategies/strategy.h"

namespace phork::strategies {

class FpmWorker : private base::Pinned {
 public:
  // Connects, asks which process answers, checks that it is a worker of our master, and marks it
  // and what it will start as those of this slot.
  static base::Result<std::unique_ptr<FpmWorker>> connect(FpmMaster& master,
                                                          const Settings& settings, unsigned slot,
                                                          base::Deadline deadline);

  ~FpmWorker();

  // True when it is idle, and it and its master are alive, as far as can be seen without waiting. A
  // worker that was stopped goes on.
  bool ready() const;

  Served serve(const event::Invocation& invocation, const FpmEvent& event, base::Deadline deadline);

  // Waits until no code of the last event runs and all its lines are logged. False when the worker
  // cannot serve again, or when the event left child processes behind: then kill the worker.
  bool settle();

  void kill();

 private:
  FpmWorker(FpmMaster& master, FpmMaster::Snapshot seen, FpmConnection connection)
      : master_(master), master_seen_(std::move(seen)), connection_(std::move(connection)) {}

  base::Status identify(const Settings& settings, base::Deadline deadline);
  // Waits until everything that workers have written up to now is logged.
  void flush();
  bool has_children() const;
  event::Outcome failed(const base::Error& error, const event::Invocation& invocation,
                        const FpmEvent& event);

  // The connection ended because the worker ended, or although it did not.
  event::Failure ended();
  event::Failure closed();

  FpmMaster& master_;
  FpmMaster::Snapshot master_seen_;
  FpmConnection connection_;
  pid_t pid_ = 0;
  base::Fd pidfd_;
  base::Fd stat_;
  std::uint64_t minor_faults_ = 0;  // before the event
  base::Fd children_;               // the list of its child processes, in /proc
  base::Fd standard_error_;         // the worker's own: marks take the way of its lines
  base::Deadline deadline_{};       // of the last event
  bool may_run_ = false;            // code of the last event may still run
};

}  // namespace phork::strategies
