// SPDX-License-Identifier: MIT
//
// The kernel's state of this process besides its memory, as far as PHP code or a library can change
// it: descriptors, signals, timers, limits, folders, masks, identities, threads, children. Recorded
// before an event and compared after it: first by signs that cost few system calls
// (kernel_signs.h), and one by one when a sign differs. State that can be restored exactly is
// restored. Any other difference is named, and a process that has one cannot serve again.
// docs/rollback.md has the list.
//
// For a process with one thread. Linux only, no PHP.
#pragma once

#include <string>
#include <vector>

#include "php-worker/sapi/rollback/kernel_descriptors.h"
#include "php-worker/sapi/rollback/kernel_signs.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class KernelState : private base::Pinned {
 public:
  // Records the current state.
  KernelState();

  // Restores what can be restored and returns the name of what still differs, "" when nothing does.
  // Reaps children that have ended.
  std::string put_back();

  // For tests: compares every value, without the signs, and restores nothing. The name of the first
  // that differs, "" when none does.
  std::string difference();

  // After put_back(): open files that the rollback of the memory needs.
  MemoryFiles memory_files() const { return signs_.memory_files(); }

 private:
  std::string put_back_each() const;

  KernelSigns signs_;  // first, because its socket is one of the descriptors
  KernelDescriptors descriptors_;
  std::vector<std::string> traits_;  // in the order of the list in kernel_state.cpp
};

}  // namespace phork::sapi
