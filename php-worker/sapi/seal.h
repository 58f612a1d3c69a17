// SPDX-License-Identifier: MIT
//
// What a zygote does last before it forks, and what a child does first: together they make a copy
// of a process as good as a process of its own.
#pragma once

#include "php-worker/sapi/application.h"

namespace phork::sapi {

// In the zygote: user hooks, then cycles collected until none are left (a child that inherited them
// would collect them itself, and copy every page it looks at), output and stdio flushed.
void seal(Application& application);

// In a child, before it says ready: its own randomness, then user hooks.
void prepare_child(Application& application);

}  // namespace phork::sapi
