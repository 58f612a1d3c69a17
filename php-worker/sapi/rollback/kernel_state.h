// SPDX-License-Identifier: MIT
//
// The kernel's state of this process besides its memory, as far as PHP code or a library can change
// it: descriptors, signals, timers, limits, folders, masks, identities, threads, children. Recorded
// before an event and compared after it. State that can be restored exactly is restored. Any other
// difference is named, and a process that has one cannot serve again. docs/rollback.md has the
// list.
//
// For a process with one thread. Linux only, no PHP.
#pragma once

#include <string>
#include <vector>

#include "php-worker/sapi/rollback/kernel_descriptors.h"

namespace phork::sapi {

class KernelState {
 public:
  // Records the current state.
  KernelState();

  // Restores what can be restored and returns the name of what still differs, "" when nothing does.
  // Reaps children that have ended.
  std::string put_back() const;

 private:
  KernelDescriptors descriptors_;
  std::vector<std::string> traits_;  // in the order of the list in kernel_state.cpp
};

}  // namespace phork::sapi
