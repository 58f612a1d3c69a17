// SPDX-License-Identifier: MIT
//
// The end of whatever was measured: when this returns nothing of it runs, so that no round is
// measured beside the remains of another.
#pragma once

#include "runtime/process/spawn.h"

namespace phork::bench {

// SIGKILL to the process and all its descendants, wherever they moved themselves; waits for all.
void end_tree(process::Process& process);

}  // namespace phork::bench
