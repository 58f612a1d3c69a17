// SPDX-License-Identifier: MIT
//
// Strategy exec (B): starts a php-worker inside each event. It boots the application, serves the
// event and exits. Fresh for an event: everything. The boot is paid inside every event, by its
// caller, and a boot failure is that event's failure. A crash costs the event and nothing else.
// worker/spawned.cpp does the work.
#pragma once

#include <memory>

#include "strategies/worker/spawned.h"

namespace phork::strategies {

inline std::unique_ptr<Strategy> make_exec(const Settings& settings) {
  // A rehearsal would only make the caller wait longer.
  return std::make_unique<SpawnStrategy>(settings, 0, Rehearse::kNo);
}

}  // namespace phork::strategies
