// SPDX-License-Identifier: MIT
//
// The log of a runtime, kept in a file in memory and read on demand, so that no thread wakes up to
// read it while events are measured. The runtime writes, one thread reads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "emulator/observe/statistics.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::bench {

// How long a part of a start took.
struct StartPart {
  std::string name;
  std::int64_t us = 0;

  bool operator==(const StartPart&) const = default;
};

// A program's line about its start, at level DEBUG (runtime/base/start_clock.h).
struct StartLine {
  std::int64_t at_us = 0;  // of the monotonic clock
  std::vector<StartPart> parts;
};

class RuntimeLog {
 public:
  RuntimeLog();

  // For the standard output and error of the runtime.
  int fd() const { return file_.get(); }

  // The metrics of complete lines since the last call, by request id.
  std::map<std::string, emulator::RuntimeMetrics> take_metrics();

  // The first line of `program` about its start; empty when there is none.
  std::optional<StartLine> start_line(const std::string& program);

  // The last complete line that is neither empty nor metrics; "" when there is none.
  std::string last_line();
  // kRefused with `text`, followed by the last line.
  base::Error failure(std::string text);

 private:
  void read_new_lines();

  base::Fd file_;
  off_t read_bytes_ = 0;
  std::string unread_;  // read from the file, without its newline yet
  std::string last_line_;
  std::map<std::string, StartLine> starts_;  // by program
  std::map<std::string, emulator::RuntimeMetrics> metrics_;
};

}  // namespace phork::bench
