// SPDX-License-Identifier: MIT
//
// One worker of php-fpm and the connection that it serves: greeted once, then given one event after
// the other. It is a grandchild: its master reaps it, and a pidfd keeps our signals from a stranger
// with its process id. Belongs to one slot and its thread.
#pragma once

#include <memory>

#include "runtime/base/pinned.h"
#include "strategies/fpm/connection.h"
#include "strategies/fpm/master.h"
#include "strategies/strategy.h"

namespace phork::strategies {

class FpmWorker : private base::Pinned {
 public:
  // Connects, learns who answers, and makes sure that it is a worker of our master.
  static base::Result<std::unique_ptr<FpmWorker>> greet(FpmMaster& master, const Settings& settings,
                                                        base::Deadline deadline);

  ~FpmWorker();

  // Alive and waiting, as far as can be seen without waiting, and its master too.
  bool ready() const;

  Served serve(const event::Invocation& invocation, const FpmEvent& event, base::Deadline deadline);

  // Waits until nothing of the last event runs and everything it wrote is logged. False when the
  // worker cannot serve again, or when the event left processes behind, which end with it.
  bool settle();

  void kill();

 private:
  FpmWorker(FpmMaster& master, FpmMaster::Seen seen, FpmConnection connection)
      : master_(master), master_seen_(std::move(seen)), connection_(std::move(connection)) {}

  base::Status identify(const Settings& settings, base::Deadline deadline);
  // Waits until all that was written until now, by whichever worker, is logged.
  void flush();
  bool has_children() const;
  event::Outcome failed(const base::Error& error, const event::Invocation& invocation,
                        const FpmEvent& event);

  // Why the connection ended: the worker did, or it did not.
  event::Failure ended();
  event::Failure closed();

  FpmMaster& master_;
  FpmMaster::Seen master_seen_;
  FpmConnection connection_;
  pid_t pid_ = 0;
  base::Fd pidfd_;
  base::Fd stat_;
  std::uint64_t minor_faults_ = 0;  // before the event
  base::Fd children_;               // the list of them, in /proc
  base::Fd standard_error_;         // the worker's own, to send marks the way of its lines
  base::Deadline deadline_{};       // of the last event
  bool may_run_ = false;            // code of the last event
};

}  // namespace phork::strategies
