// SPDX-License-Identifier: MIT
//
// Strategy fork (D): a zygote boots the application once. For each event a child is forked from it
// before the event comes; the child serves the event and exits. Fresh for an event: everything that
// lives in the process; all children share the booted state as it was before the first event. The
// boot is paid once, at cold start; each event pays for a fork, after the previous answer. A crash
// costs the event; after 16 crashes a new zygote boots beside the old one.
// worker/forked.cpp does the work here, php-worker/sapi/modes/zygote.cpp in the zygote.
// https://en.wikipedia.org/wiki/Zygote_(Android) is the same idea.
#pragma once

#include <memory>

#include "strategies/worker/forked.h"

namespace phork::strategies {

inline std::unique_ptr<Strategy> make_fork(const Settings& settings) {
  return std::make_unique<ForkStrategy>(settings, AfterEvent::kEnd);
}

}  // namespace phork::strategies
