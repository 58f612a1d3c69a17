// SPDX-License-Identifier: MIT
//
// Writes log lines to a descriptor from a thread of its own, so that a slow terminal or a full pipe
// never delays an event; the callers only copy. Lines keep their order and are never split or
// dropped; flush() and the destructor write everything that was appended.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "runtime/base/pinned.h"

namespace phork::emulator {

class LogSink : private base::Pinned {
 public:
  using Form = std::function<std::string(std::string_view)>;

  // Borrows `fd`; -1 drops all lines. `form` makes a line of a message; without it, the message is
  // the line.
  explicit LogSink(int fd, Form form = {});
  ~LogSink();

  // A message of the emulator's own.
  void append(std::string_view message);
  // One line, without its newline.
  void write(std::string_view line);
  // Returns when everything appended so far is written.
  void flush();

 private:
  void write_lines();

  const int fd_;
  const Form form_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::string pending_;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace phork::emulator
