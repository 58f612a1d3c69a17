// SPDX-License-Identifier: MIT
//
// php-worker as a zygote, from boot to its last fork, and the work of each of its children.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/fd.h"

namespace phork::sapi {

// The next step of a child when its event is over.
enum class AfterEvent : std::uint8_t {
  kEnd,
  kRollBack,  // restores its state and says ready again, or ends
};

// Boots, seals, then forks for the slots behind `controls` until all have closed their sockets.
// Returns the exit code; `executable` is argv[0].
int run_zygote(std::vector<base::Fd> controls, std::uint32_t generation, char* executable,
               AfterEvent after_event);

}  // namespace phork::sapi
