// SPDX-License-Identifier: MIT
//
// The log of PHP while a zygote boots. No supervisor reads its streams, so PHP's output becomes log
// records here. PHP's SAPI callbacks have no context argument, so they find the log through
// `current_boot_log()`. Bytes that code writes to the raw descriptors bypass PHP and do not come
// here.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/log.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

// For as long as it lives. PHP's one thread.
class BootLog : private base::Pinned {
 public:
  BootLog();
  ~BootLog();  // also logs the beginning of a line that has not ended

  // Takes a piece of output and makes a record of each complete line. A line longer than any log
  // shows becomes several records.
  void output(std::string_view text);

 private:
  static void log_line(std::string_view line);

  std::string pending_;  // of a line that has not ended
};

// Null in a process whose streams a supervisor reads.
BootLog* current_boot_log();

}  // namespace phork::sapi
