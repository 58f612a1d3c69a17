// SPDX-License-Identifier: MIT
//
// Reads the two output streams of a worker line by line, and logs each line with the ids of the
// event that was under way. A worker asks for the next event only when all of its output has been
// read, so a line never gets the ids of a later event. The loop's thread.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/process/line_reader.h"
#include "runtime/process/spawn.h"
#include "supervisor/loop.h"

namespace phork::supervisor {

// The ids for the lines that are printed now; "" outside of an event.
struct LineTag {
  std::string request_id;
  std::string tenant_id;

  bool operator==(const LineTag&) const = default;
};

class WorkerOutput : private base::Pinned {
 public:
  using Tag = std::function<LineTag()>;
  // Called with true before output is read, and with false when no line is left without its end.
  using Reads = std::function<void(bool)>;

  WorkerOutput(Loop& loop, Tag tag, Reads reads)
      : loop_(loop), tag_(std::move(tag)), reads_(std::move(reads)) {}

  // Makes the pipes of a new worker, after the last one has ended. The worker's ends are closed
  // with `theirs`.
  base::Result<std::vector<process::FdMapping>> open(std::vector<base::Fd>& theirs);

  // Logs the lines that are there now.
  void catch_up();
  // Logs all that has been printed by now, also a last line that has no end.
  void drain();

 private:
  struct Stream {
    process::LineReader reader;
    std::unique_ptr<Watch> watch;
    base::LogRecord::Source source{};
    LineTag tag;  // of the beginning of a line that has no end yet
  };

  void read_some(Stream& stream);
  void retag(Stream& stream);
  static process::LineReader::Sink log_as(const Stream& stream);

  Loop& loop_;
  const Tag tag_;
  const Reads reads_;
  std::array<Stream, 2> streams_;
};

}  // namespace phork::supervisor
