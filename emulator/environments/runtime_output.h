// SPDX-License-Identifier: MIT
//
// What a runtime writes to its stdout and stderr, line by line into the log. Metrics lines
// (PHORK_METRICS=json) go to the statistics instead. Any thread may drain: the keeper when the
// pipes have something, and the Runtime API when an event ends, so that whatever the runtime wrote
// before it asked for the next event stands in front of that event's END. What comes between
// begin_event() and end_event() is that event's.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "emulator/environments/function_context.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/line_reader.h"

namespace phork::emulator {

class RuntimeOutput {
 public:
  RuntimeOutput(const FunctionContext& context, std::size_t environment)
      : context_(context), environment_(environment) {}

  // Fresh pipes for the next process; returns the ends it writes to, stdout first.
  base::Result<base::FdPair> open();
  // The descriptors to poll, -1 for one that has ended.
  std::array<int, 2> descriptors() const;
  // Takes all that is there now.
  void drain();
  // Drains, then writes a line of our own behind it.
  void add(std::string_view line);
  void begin_event(const std::string& request_id, std::string_view line);
  void end_event(std::string_view line);

 private:
  void drain_locked();
  void take(std::string_view line);
  void write(std::string_view line);

  const FunctionContext context_;
  const std::size_t environment_;
  mutable std::mutex mutex_;  // guards what follows, and the order of lines
  std::array<process::LineReader, 2> readers_;
  std::string request_id_;  // empty outside of events
};

}  // namespace phork::emulator
