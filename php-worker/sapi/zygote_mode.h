// SPDX-License-Identifier: MIT
//
// php-worker as zygote, from boot to its last fork, and what each of its children does.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/fd.h"

namespace phork::sapi {

// Boots, seals, then forks for the slots behind `controls` until all have closed theirs. Returns
// the exit code; `executable` is argv[0].
int run_zygote(std::vector<base::Fd> controls, std::uint32_t generation, char* executable);

}  // namespace phork::sapi
