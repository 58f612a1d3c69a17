// SPDX-License-Identifier: MIT
//
// Strategy prespawn (C): keeps a php-worker booted before its event comes. It serves that event and
// exits. Fresh for an event: everything. The boot is paid after the previous answer: its caller
// does not wait, but the time is billed; the first one is part of the cold start. A crash costs the
// event and nothing else. worker/spawned.cpp does the work.
#pragma once

#include <memory>

#include "strategies/worker/spawned.h"

namespace phork::strategies {

inline std::unique_ptr<Strategy> make_prespawn(const Settings& settings) {
  return std::make_unique<SpawnStrategy>(settings, settings.spares, Rehearse::kYes);
}

}  // namespace phork::strategies
