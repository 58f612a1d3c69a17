// SPDX-License-Identifier: MIT
//
// The log of PHP in a process that serves events itself (strategy inprocess). No supervisor reads
// its streams, so PHP's output becomes log records here, tagged with their event. PHP's SAPI
// callbacks have no context argument, so they find the log through `current_log()`. Bytes that code
// writes to the raw descriptors bypass PHP and do not come here.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// The log of one event, or of the boot, for as long as it lives. PHP's one thread.
class EventLog : private base::Pinned {
 public:
  // Borrows the ids of `invocation`, which has to outlive this.
  explicit EventLog(const event::Invocation& invocation);
  // The log outside of events.
  EventLog();
  ~EventLog();  // flushes

  // Takes a piece of output and makes a record of each complete line. A line longer than any log
  // shows becomes several records.
  void output(std::string_view text);
  // Writes the beginning of a line that has not ended.
  void flush();

  base::LogRecord record(base::LogRecord::Source source, std::string_view text) const;

 private:
  void log_line(std::string_view line) const;

  std::string_view request_id_;
  std::string_view tenant_id_;
  std::string pending_;  // of a line that has not ended
};

// Null in a process whose streams a supervisor reads.
EventLog* current_log();

}  // namespace phork::sapi
