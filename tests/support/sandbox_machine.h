// SPDX-License-Identifier: MIT
//
// What this machine allows sandboxes to do, found out by trying: for the names of tests that need
// it, which are skipped elsewhere.
#pragma once

#include <string_view>

#include "emulator/sandbox/sandbox.h"

namespace phork::testing {

// It takes the way in which processes are started in a sandbox for a fork, and fails at it.
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
