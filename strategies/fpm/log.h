// SPDX-License-Identifier: MIT
//
// php-fpm's standard error, read by a thread of its own, so that php-fpm never waits for us. Lines
// of a worker go to the function's log with the event that the worker serves; the line that says
// how a worker ended is kept for its slot.
//
// With decorate_workers_output on, php-fpm's master wraps each line of a worker in one of its own.
// The wrapping names the worker, and a worker cannot imitate it:
//
//   [20-Nov-2026 06:51:27] WARNING: [pool phork] child 6246 said into stderr: "the worker's line"
//   [20-Nov-2026 06:51:27] WARNING: [pool phork] child 6246 exited on signal 11 (SIGSEGV) after ...
//
// https://github.com/php/php-src/blob/PHP-8.2/sapi/fpm/fpm/fpm_stdio.c and fpm_children.c
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/process/line_reader.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

// One line of the master, taken apart.
struct FpmLine {
  enum class Kind : std::uint8_t {
    kOutput,  // of a worker: `text` is its line, without PHP's prefix of a logged message
    kExit,    // of a worker, with `status`
    kMaster,  // any other line, with `level`
  };

  Kind kind = Kind::kMaster;
  pid_t worker = 0;
  base::LogRecord::Source source = base::LogRecord::Source::kPhpError;  // of kOutput
  process::ExitStatus status;
  base::LogLevel level = base::LogLevel::kWarn;
  std::string_view text;  // borrows from the line
};

// Pure.
FpmLine parse_fpm_line(std::string_view line);

// Any thread.
class FpmLog : private base::Pinned {
 public:
  static base::Result<std::unique_ptr<FpmLog>> open();

  // Logs the lines that are there, then ends the thread.
  ~FpmLog();

  // The standard error of a master.
  const base::Fd& writing_end() const { return writing_end_; }

  // From here on the worker's lines carry its event, and its exit status is kept.
  void watch(pid_t worker);
  void begin_event(pid_t worker, const event::Invocation& invocation);
  void forget(pid_t worker);

  // Waits until everything written to `worker_error`, the worker's own standard error, is logged:
  // writes a mark into it and waits for the mark at this end. False when it does not arrive in
  // time.
  bool flush(pid_t worker, const base::Fd& worker_error, base::Deadline deadline);

  // The exit status of a watched worker; empty when it is not known by `deadline`.
  std::optional<process::ExitStatus> wait_end(pid_t worker, base::Deadline deadline);

  // The last warning or error of the master itself; "" when there was none.
  std::string last_complaint();
  // The last end of a worker that is not watched, such as the one of the boot.
  std::optional<process::ExitStatus> wait_other_end(base::Deadline deadline);

 private:
  struct Watched {
    std::string request_id;
    std::string tenant_id;
    unsigned marks = 0;                         // that arrived
    std::optional<process::ExitStatus> status;  // once it has exited
  };

  FpmLog(base::FdPair pipe, base::FdPair stop);

  void read_lines();
  void take_line(std::string_view line);
  void log_output(const FpmLine& line);
  void log_master(const FpmLine& line);

  base::Fd writing_end_;
  process::LineReader reader_;  // the thread's
  base::Fd stop_reader_;
  base::Fd stop_;  // closed to end the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<pid_t, Watched> watched_;
  std::string last_complaint_;
  std::optional<process::ExitStatus> other_end_;

  std::thread thread_;  // last: it uses the other members
};

}  // namespace phork::strategies
