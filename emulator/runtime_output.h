// SPDX-License-Identifier: MIT
//
// What a runtime writes to its stdout and stderr, line by line into the log. Metrics lines
// (PHORK_METRICS=json) go to the statistics instead. Any thread may drain: the keeper when the
// pipes have something, and the Runtime API when an event ends, so that whatever the runtime wrote
// before it asked for the next event stands in front of that event's END.
#pragma once

#include <array>
#include <mutex>
#include <string_view>

#include "emulator/log_sink.h"
#include "emulator/statistics.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/line_reader.h"

namespace phork::emulator {

class RuntimeOutput {
 public:
  RuntimeOutput(LogSink& log, Statistics& statistics, bool print_metrics)
      : log_(log), statistics_(statistics), print_metrics_(print_metrics) {}

  // Fresh pipes for the next process; returns the ends it writes to, stdout first.
  base::Result<base::FdPair> open();
  // The descriptors to poll, -1 for one that has ended.
  std::array<int, 2> descriptors() const;
  // Takes all that is there now.
  void drain();
  // Drains, then writes a line of our own behind it.
  void add(std::string_view line);

 private:
  void drain_locked();
  void take(std::string_view line);

  LogSink& log_;
  Statistics& statistics_;
  const bool print_metrics_;
  mutable std::mutex mutex_;  // guards what follows, and the order of lines
  std::array<process::LineReader, 2> readers_;
};

}  // namespace phork::emulator
