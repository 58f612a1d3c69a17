// SPDX-License-Identifier: MIT
//
// Finds out whether this machine can limit and freeze sandboxes, by making one. Tests that need it
// are skipped elsewhere.
#pragma once

#include <string_view>

#include "emulator/sandbox/sandbox.h"

namespace phork::testing {

// The thread sanitizer fails at the clone() with shared memory that starts a process in a sandbox.
#ifdef __has_feature
inline constexpr bool kThreadSanitizer = __has_feature(thread_sanitizer);
#else
inline constexpr bool kThreadSanitizer = false;
#endif

inline bool machine_allows(const emulator::SandboxWishes& wishes) {
  if (kThreadSanitizer) return false;
  bool refused = false;
  emulator::Sandboxes sandboxes([&refused](std::string_view /*line*/) { refused = true; });
  const auto sandbox = sandboxes.make(128, wishes);
  return !refused && sandbox->cpu_time().has_value();
}

}  // namespace phork::testing
