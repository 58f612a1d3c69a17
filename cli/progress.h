// SPDX-License-Identifier: MIT
//
// The progress line of `phork bench` and `phork audit`. On a terminal it is one line, overwritten
// by each step and erased at the end; elsewhere each step is a line of its own. Any thread may
// call. Write errors are ignored: a command must not fail because nobody reads its progress.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::cli {

class Progress : private base::Pinned {
 public:
  // Borrows `fd`. `name` begins each line.
  Progress(int fd, bool terminal, std::string name);

  ~Progress() { clear(); }

  // Replaces the line that is shown.
  void show(std::string_view text);
  void clear();

 private:
  void write(std::string_view text) const;

  const int fd_;
  const bool terminal_;
  const std::string name_;
  std::mutex mutex_;  // guards the members below
  bool shown_ = false;
};

}  // namespace phork::cli
