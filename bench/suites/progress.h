// SPDX-License-Identifier: MIT
//
// What is going on, for somebody who waits: on a terminal one line that is written over again and
// again and is gone at the end, elsewhere a line for each thing that is said. Any thread; what
// cannot be written is lost and fails nothing.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::bench {

class Progress : private base::Pinned {
 public:
  // Borrows `fd`. `name` stands before each line that stays.
  Progress(int fd, bool terminal, std::string name);

  ~Progress() { clear(); }

  // In place of what was shown before.
  void show(std::string_view text);
  // A line that stays, above what is shown next.
  void note(std::string_view text);
  void clear();

 private:
  void write(std::string_view text) const;

  const int fd_;
  const bool terminal_;
  const std::string name_;
  std::mutex mutex_;  // guards what follows
  bool shown_ = false;
};

}  // namespace phork::bench
