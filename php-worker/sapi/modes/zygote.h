// SPDX-License-Identifier: MIT
//
// php-worker as zygote, from boot to its last fork, and what each of its children does.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/fd.h"

namespace phork::sapi {

// What a child does when its event is over.
enum class AfterEvent : std::uint8_t {
  kEnd,
  kRollBack,  // becomes what it was and says ready again, or ends
};

// Boots, seals, then forks for the slots behind `controls` until all have closed theirs. Returns
// the exit code; `executable` is argv[0].
int run_zygote(std::vector<base::Fd> controls, std::uint32_t generation, char* executable,
               AfterEvent after_event);

}  // namespace phork::sapi
