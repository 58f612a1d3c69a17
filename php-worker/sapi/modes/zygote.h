// SPDX-License-Identifier: MIT
//
// php-worker as a zygote, from boot to its last fork, and the work of each of its children.
#pragma once

#include <cstdint>

#include "runtime/base/settings.h"

namespace phork::sapi {

struct ZygoteOptions {
  unsigned slots = 1;
  std::uint32_t generation = 1;
  base::Refill refill = base::Refill::kBefore;
  std::int64_t began_ns = 0;  // when bootstrap did, by the wall clock
  bool rolls_back = false;    // a child puts its state back after an event and serves another
};

// Boots, seals, then forks for the slots whose descriptors follow that of the control socket, until
// the supervisor ends it. Returns the exit code; `executable` is argv[0].
int run_zygote(const ZygoteOptions& options, char* executable);

}  // namespace phork::sapi
