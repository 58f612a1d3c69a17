// SPDX-License-Identifier: MIT
//
// The supervisor's end of one PHP worker: its channel and its two log pipes. Strategies that speak
// frames (exec, prespawn, fork) share it; each adds where workers come from and how they end.
// Belongs to one slot and its thread.
//
// The slot's thread polls all three descriptors at once, so that a line PHP writes is forwarded
// while PHP runs, can never block it, and has left before the answer is counted as complete.
#pragma once

#include <string>

#include "runtime/base/fd.h"
#include "runtime/base/poll.h"
#include "runtime/process/line_reader.h"
#include "runtime/wire/frames.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// The descriptors of a worker before it exists: ours in the link, theirs to be handed over.
struct WorkerDescriptors {
  base::Fd channel;
  base::Fd standard_output;
  base::Fd standard_error;
};

class WorkerLink {
 public:
  // A link and, in `theirs`, what the worker gets.
  static base::Result<WorkerLink> open(WorkerDescriptors& theirs);

  // Waits for Ready. kRefused: the worker could not boot, and `boot_failure()` says why.
  base::Result<wire::Ready> wait_ready(base::Deadline deadline);

  const base::Failure& boot_failure() const { return boot_failure_; }

  // Has the worker serve an event, in the form it takes. An event that cannot be read is answered
  // without it. kDisconnected: the worker ended without an answer; kTimeout: none by `deadline`.
  base::Result<Served> serve(const base::Invocation& invocation, const Settings& settings,
                             base::Deadline deadline);

  // Whether the worker was given an event.
  bool used() const { return used_; }

  // Forwards what the worker writes until it has closed everything; false when it has not by
  // `deadline`.
  bool drain(base::Deadline deadline);

 private:
  WorkerLink(base::Fd channel, base::Fd standard_output, base::Fd standard_error);

  base::Result<Served> serve_http(const base::Invocation& invocation, const Settings& settings,
                                  base::Deadline deadline);
  // Sends an event and waits for the frame that answers it.
  base::Result<wire::Frame> exchange(const wire::EncodedFrame& event, base::Deadline deadline);
  // Waits for a frame on the channel, forwarding lines meanwhile.
  base::Result<wire::Frame> receive(base::Deadline deadline);
  // Polls the channel (unless it has ended) and both pipes; true when the channel has something.
  base::Result<bool> pump(base::Deadline deadline);

  base::Fd channel_;
  process::LineReader standard_output_;
  process::LineReader standard_error_;
  wire::FrameReader reader_;
  wire::Ready ready_;
  bool used_ = false;
  base::Failure boot_failure_;
};

}  // namespace phork::strategies
