// SPDX-License-Identifier: MIT
//
// Strategy rollback (F), experimental: a worker forked from a zygote serves event after event.
// Between two events it puts its memory back to what it was and compares its kernel state
// (php-worker/sapi/rollback/snapshot.h, kernel_state.h). Fresh for an event: memory and the kernel
// state that is compared; docs/rollback.md says what is proved. The boot is paid once, at cold
// start; each event pays for putting back the pages it wrote. A worker that crashes, or whose state
// differs, costs its event at most, and is replaced by another fork of the zygote.
// worker/forked.cpp does the work here, php-worker/sapi/rollback/rollback.cpp in the worker.
#pragma once

#include <memory>

#include "strategies/worker/forked.h"

namespace phork::strategies {

inline std::unique_ptr<Strategy> make_rollback(const Settings& settings) {
  return std::make_unique<ForkStrategy>(settings, AfterEvent::kRollBack);
}

}  // namespace phork::strategies
