// SPDX-License-Identifier: MIT
//
// The supervisor's end of one PHP worker's descriptors: its channel and its two log pipes. Only
// moves bytes; what they mean is worker.h's business. Belongs to one slot and its thread.
//
// The slot's thread polls all three at once, so that a line PHP writes is forwarded while PHP runs,
// can never block it, and has left before the next event is asked for.
#pragma once

#include <poll.h>
#include <span>
#include <string>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/process/line_reader.h"
#include "runtime/wire/frames.h"

namespace phork::strategies {

// The descriptors of a worker that are handed over to it.
struct WorkerDescriptors {
  base::Fd channel;
  base::Fd standard_output;
  base::Fd standard_error;
};

class WorkerLink {
 public:
  static constexpr std::size_t kDescriptors = 3;

  // A link and, in `theirs`, what the worker gets.
  static base::Result<WorkerLink> open(WorkerDescriptors& theirs);

  // Lines are logged with these from here on.
  void tag(const std::string& request_id, const std::string& tenant_id);

  base::Status send(const wire::EncodedFrame& frame, base::Deadline deadline);

  // Nothing more is heard of the worker, not even what has been sent: its sending fails from here
  // on.
  void stop_listening();

  // For poll; closed ones are passed over.
  void fill(std::span<pollfd, kDescriptors> polled) const;
  // Logs what the pipes hold, as far as `polled` says that they hold something.
  void forward_lines(std::span<const pollfd, kDescriptors> polled);
  // Logs all that is there now.
  void forward_lines();
  // The same, with a last line that has no end: what follows belongs to another event.
  void end_lines();

  // What the channel had to say, without waiting.
  enum class Heard { kNothing, kFrame, kGarbage, kEnd };
  // kFrame: `frame()` holds until the next call. kEnd is told once; the channel is closed then.
  Heard hear();

  const wire::Frame& frame() const { return reader_.frame(); }

 private:
  WorkerLink(base::Fd channel, base::Fd standard_output, base::Fd standard_error);

  process::LineReader::Sink log_as(base::LogRecord::Source source) const;

  base::Fd channel_;
  process::LineReader standard_output_;
  process::LineReader standard_error_;
  wire::FrameReader reader_;
  std::string request_id_;
  std::string tenant_id_;
};

}  // namespace phork::strategies
