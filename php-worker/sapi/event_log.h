// SPDX-License-Identifier: MIT
//
// What PHP says in the process that serves events itself (strategy inprocess): there is no
// supervisor that reads lines from a pipe, so they become records here, tagged with their event.
// PHP's SAPI has no context argument, so the log of the moment is found through `current_log()`.
// Only what goes through PHP comes by: bytes that code writes to the raw descriptors do not.
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
  // What the ids are borrowed from outlives this.
  explicit EventLog(const event::Invocation& invocation);
  // Outside of an event.
  EventLog();
  ~EventLog();  // flushes

  // A piece of output: each line that is complete becomes a record. A line that is longer than any
  // log shows is handed on in parts.
  void output(std::string_view text);
  // Writes what there is of a line that has not ended.
  void flush();

  base::LogRecord record(base::LogRecord::Source source, std::string_view text) const;

 private:
  void log_line(std::string_view line) const;

  std::string_view request_id_;
  std::string_view tenant_id_;
  std::string pending_;  // of a line that has not ended
};

// Null where a supervisor reads our streams.
EventLog* current_log();

}  // namespace phork::sapi
