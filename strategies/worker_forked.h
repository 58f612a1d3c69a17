// SPDX-License-Identifier: MIT
//
// Workers that are children of a zygote: forked before their event comes, and, where the zygote's
// children roll back (worker_zygotes.h), taken back after it.
#pragma once

#include <memory>

#include "strategies/worker_slot.h"
#include "strategies/worker_zygotes.h"

namespace phork::strategies {

// For one slot, and used by its thread; `zygotes` and `settings` outlive what it makes.
std::unique_ptr<WorkerSource> make_forked_workers(Zygotes& zygotes, unsigned slot,
                                                  const Settings& settings);

}  // namespace phork::strategies
