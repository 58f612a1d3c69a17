// SPDX-License-Identifier: MIT
//
// The way of a command's output past the log, which would split it into lines: a FIFO that commands
// of the runtime print to (PHORK_CONSOLE_OUTPUT). A thread copies its bytes to a descriptor.
// https://man7.org/linux/man-pages/man7/fifo.7.html
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "packaging/archive/scratch.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::cli {

class CommandOutput : private base::Pinned {
 public:
  // Makes the FIFO in a folder of `scratch`, and borrows `target`. Create it behind StopSignals.
  static base::Result<std::unique_ptr<CommandOutput>> open(packaging::Scratch& scratch, int target);

  // Copies what is left, of writers that have ended.
  ~CommandOutput();

  const std::string& path() const { return path_; }

 private:
  CommandOutput(std::string path, int target, base::Fd fifo, base::Fd stop);

  void copy() const;
  void copy_what_is_there() const;

  const std::string path_;
  const int target_;
  const base::Fd fifo_;
  const base::Fd stop_;  // an eventfd
  std::thread copier_;
};

}  // namespace phork::cli
