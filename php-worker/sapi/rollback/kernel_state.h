// SPDX-License-Identifier: MIT
//
// What the kernel holds for this process beside its memory, as far as PHP code or a library can
// change it: descriptors, signals, timers, limits, folders, masks, identities, threads, children.
// Recorded before an event and compared after it. What can be given back exactly is; the rest is
// named, and the process that has it is of no further use. docs/rollback.md has the list.
//
// For a process with one thread. Linux only, no PHP.
#pragma once

#include <string>
#include <vector>

#include "php-worker/sapi/rollback/kernel_descriptors.h"

namespace phork::sapi {

class KernelState {
 public:
  // As it is now.
  KernelState();

  // Gives back what can be, and says what is different then: "" when nothing is. Ended children are
  // reaped.
  std::string put_back() const;

 private:
  KernelDescriptors descriptors_;
  std::vector<std::string> traits_;  // in the order of the list in kernel_state.cpp
};

}  // namespace phork::sapi
