// SPDX-License-Identifier: MIT
//
// The process of a worker, wherever it comes from: a child of ours (exec, prespawn) or of the
// zygote (fork). Belongs to one worker; its destructor ends the process and its group.
#pragma once

#include <optional>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

class WorkerProcess : private base::Pinned {
 public:
  WorkerProcess() = default;
  virtual ~WorkerProcess() = default;

  // Readable once the process has ended.
  virtual int pidfd() const = 0;
  // Asks PHP to stop (sapi/interrupt.h); shutdown functions still run.
  virtual void interrupt() = 0;
  virtual void kill_group() = 0;
  // Reaps; also whoever is left in its group is killed then. Empty when it has not ended by
  // `deadline`, or when how it ended cannot be learned (the zygote is gone).
  virtual std::optional<process::ExitStatus> wait(base::Deadline deadline) = 0;
};

}  // namespace phork::strategies
