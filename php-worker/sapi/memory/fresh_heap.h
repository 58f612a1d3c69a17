// SPDX-License-Identifier: MIT
//
// PHP's heap as a zygote leaves it to its children. What the boot has freed lies scattered between
// what it keeps; an event that allocates there writes to a hundred pages that it shares with the
// zygote, and each has to be copied first. Here what is free is taken out of use, so that an
// event's memory begins in a chunk (2 MB) that holds nothing yet: no page of it has to be copied,
// and where the kernel has huge pages the whole of it is one.
#pragma once

namespace phork::sapi {

// In the zygote, when nothing allocates any more. False when memory_limit leaves no room for it.
bool start_fresh_heap();

// In a child, before it says ready: gets the chunk.
void enter_fresh_heap();

}  // namespace phork::sapi
