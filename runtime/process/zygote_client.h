// SPDX-License-Identifier: MIT
//
// One slot's line to the zygote: asks it for children and hears how they ended. Used by the slot's
// thread only. A call that finds the zygote gone returns kDisconnected.
#pragma once

#include <optional>
#include <sys/types.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"

namespace phork::process {

// A child of the zygote. The pidfd keeps signals from reaching a stranger with its pid.
struct ForkedChild {
  pid_t pid = 0;
  base::Fd pidfd;
};

class ZygoteClient {
 public:
  explicit ZygoteClient(base::Fd control) : control_(std::move(control)) {}

  int fd() const { return control_.get(); }

  // A new child with these descriptors; the zygote has its own copies when this returns.
  base::Result<ForkedChild> fork(const base::Fd& channel, const base::Fd& standard_output,
                                 const base::Fd& standard_error, base::Deadline deadline);

  // The exit status of `pid`, returned once; empty when it still runs at `deadline`.
  base::Result<std::optional<ExitStatus>> wait_exit(pid_t pid, base::Deadline deadline);

 private:
  struct Report {
    pid_t pid;
    ExitStatus status;
  };

  // Receives one message: an exit is kept in `reports_`, all else is returned.
  base::Result<std::optional<ForkedChild>> receive(base::Deadline deadline);
  std::optional<ExitStatus> take_report(pid_t pid);

  base::Fd control_;
  std::vector<Report> reports_;
};

}  // namespace phork::process
