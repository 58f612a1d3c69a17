// SPDX-License-Identifier: MIT
//
// Where php-fpm's standard error ends: a thread of its own reads the pipe, so that php-fpm never
// waits for us, and gives each line to whom it concerns. Lines of a worker go to the function's log
// with the event it is serving; how a worker ended is kept for the slot that used it. The methods
// may be called from any thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/process/line_reader.h"
#include "runtime/process/spawn.h"
#include "strategies/fpm/log_line.h"

namespace phork::strategies {

class FpmLog : private base::Pinned {
 public:
  static base::Result<std::unique_ptr<FpmLog>> open();

  // Reads what is there, then ends the thread.
  ~FpmLog();

  // What a master gets as its standard error.
  const base::Fd& writing_end() const { return writing_end_; }

  // From here on the worker's end is kept and its lines belong to its events.
  void watch(pid_t worker);
  void begin_event(pid_t worker, const event::Invocation& invocation);
  void forget(pid_t worker);

  // Waits until everything that was written to `worker_error`, the worker's own standard error, has
  // been logged: a mark is sent after it, the same way. False when it did not come back in time.
  bool flush(pid_t worker, const base::Fd& worker_error, base::Deadline deadline);

  // How a watched worker ended; empty when that is not known by `deadline`.
  std::optional<process::ExitStatus> wait_end(pid_t worker, base::Deadline deadline);

  // The last line above a notice that php-fpm wrote about itself, "" when there was none.
  std::string last_complaint();

 private:
  struct Watched {
    std::string request_id;
    std::string tenant_id;
    unsigned marks = 0;  // that came back
    std::optional<process::ExitStatus> end;
  };

  FpmLog(base::FdPair pipe, base::FdPair stop);

  void read_lines();
  void take_line(std::string_view line);
  void log_said(const FpmLine& line);
  void log_master(const FpmLine& line);

  base::Fd writing_end_;
  process::LineReader reader_;  // the thread's
  base::Fd stop_reader_;
  base::Fd stop_;  // closed to end the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<pid_t, Watched> watched_;
  std::string last_complaint_;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace phork::strategies
