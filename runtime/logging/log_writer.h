// SPDX-License-Identifier: MIT
//
// The function's log. Finds the level of PHP's lines, drops records below the wanted level, and
// writes each record at once and whole: as a frame where Lambda gave a pipe for them, else as a
// line, PHP's output and metrics on standard output and the rest on standard error. `main` owns it
// and installs it (base/log.h). Any thread writes; records never mix. When the pipe breaks, the
// record at hand and all that follow become lines.
#pragma once

#include <chrono>
#include <mutex>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/logging/log_layout.h"

namespace phork::logging {

struct LogOptions {
  base::LogFormat format = base::LogFormat::kText;
  // The least that is written. As on Lambda, PHP's records are dropped in JSON only: text is the
  // format of those who did not ask for levels. Metrics lines are never dropped.
  base::LogLevel level = base::LogLevel::kInfo;
  base::Fd frames{};  // log_pipe.h
  int standard_output = STDOUT_FILENO;
  int standard_error = STDERR_FILENO;
};

class LogWriter final : public base::LogSink {
 public:
  using Clock = std::chrono::system_clock::time_point (*)();

  explicit LogWriter(LogOptions options, Clock clock = std::chrono::system_clock::now);

  void write(const base::LogRecord& record) override;

 private:
  LogEntry examine(const base::LogRecord& record);
  bool wanted(const LogEntry& entry) const;
  bool write_frame(const LogEntry& entry);
  void write_line(const LogEntry& entry);

  LogOptions options_;
  const Clock clock_;
  // Guards all below, and keeps a record whole that takes more than one write: a pipe may take a
  // record of more than PIPE_BUF bytes in parts, with those of other threads between them.
  std::mutex mutex_;
  LogObjectReader objects_;
  LogLayout layout_;
};

}  // namespace phork::logging
