// SPDX-License-Identifier: MIT
//
// The log of a runtime, kept in a file in memory and read on demand, so that no thread wakes up to
// read it while events are measured. The runtime writes, one thread reads.
#pragma once

#include <map>
#include <string>
#include <sys/types.h>

#include "emulator/observe/statistics.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::bench {

class RuntimeLog {
 public:
  RuntimeLog();

  // For the standard output and error of the runtime.
  int fd() const { return file_.get(); }

  // The metrics of complete lines since the last call, by request id.
  std::map<std::string, emulator::RuntimeMetrics> take_metrics();

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
  std::map<std::string, emulator::RuntimeMetrics> metrics_;
};

}  // namespace phork::bench
