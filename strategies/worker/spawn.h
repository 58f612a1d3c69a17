// SPDX-License-Identifier: MIT
//
// Workers that are programs of their own: `php-worker --worker`, a child of this process.
#pragma once

#include <cstdint>
#include <memory>

#include "strategies/worker/slot.h"

namespace phork::strategies {

// Whether PHORK_WARMUP is played at boot: of no use to a caller who waits for that boot.
enum class Rehearse : std::uint8_t { kNo, kYes };

// Usable by any number of slots at a time; `settings` outlives what it makes.
std::unique_ptr<WorkerSource> make_spawned_workers(const Settings& settings, Rehearse rehearse);

}  // namespace phork::strategies
