// SPDX-License-Identifier: MIT
//
// The supervisor's end of one PHP worker's descriptors: its channel and its two log pipes. Moves
// bytes and knows nothing of their meaning, which is worker.cpp's part. Belongs to the thread of
// one slot.
//
// The thread polls all three descriptors at once: it forwards a log line while PHP runs, PHP never
// blocks on a full pipe, and all lines of an event are out before the next event is asked for.
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

// The worker's ends of its descriptors.
struct WorkerDescriptors {
  base::Fd channel;
  base::Fd standard_output;
  base::Fd standard_error;
};

class WorkerLink {
 public:
  static constexpr std::size_t kDescriptors = 3;

  // Fills `theirs` with the ends that the worker gets.
  static base::Result<WorkerLink> open(WorkerDescriptors& theirs);

  // Logs all further lines with these.
  void tag(const std::string& request_id, const std::string& tenant_id);

  base::Status send(const wire::EncodedFrame& frame, base::Deadline deadline);

  // Closes the channel, and drops what has been received: from here on the worker's writes fail.
  void stop_listening();

  // For poll(), which ignores those that are closed.
  void fill_poll(std::span<pollfd, kDescriptors> polled) const;
  // Logs the lines in those pipes that are readable according to `polled`.
  void forward_lines(std::span<const pollfd, kDescriptors> polled);
  // Logs all lines that are there now.
  void forward_lines();
  // Also logs an unfinished last line: the text that follows belongs to another event.
  void end_lines();

  enum class Received { kNothing, kFrame, kGarbage, kEnd };
  // Reads the channel without waiting. After kFrame, `frame()` is valid until the next call. After
  // kGarbage and kEnd the channel is closed, and the next call returns kNothing.
  Received receive();

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
