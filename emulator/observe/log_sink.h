// SPDX-License-Identifier: MIT
//
// Writes log lines to a descriptor from a thread of its own, so that a slow terminal or a full pipe
// never delays an event; append() only copies. Lines keep their order and are never split or
// dropped; flush() and the destructor write everything that was appended.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/pinned.h"

namespace phork::emulator {

class LogSink : private base::Pinned {
 public:
  // Borrows `fd`; -1 drops all lines.
  explicit LogSink(int fd);
  ~LogSink();

  // One line, without its newline.
  void append(std::string_view line);
  // Returns when everything appended so far is written.
  void flush();

 private:
  void write_lines();

  const int fd_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::string pending_;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace phork::emulator
