// SPDX-License-Identifier: MIT
//
// An eventfd by which any thread wakes the monitor of an environment.
#pragma once

#include <cstdint>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"

namespace phork::emulator {

inline void wake(const base::Fd& wakeup) {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const ssize_t written = ::write(wakeup.get(), &one, sizeof one);
}

inline void reset(const base::Fd& wakeup) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wakeup.get(), &count, sizeof count);
}

// Waits until somebody has woken, or until `deadline`.
inline void await(const base::Fd& wakeup, base::Deadline deadline) {
  base::wait_readable(wakeup.get(), deadline);
  reset(wakeup);
}

}  // namespace phork::emulator
