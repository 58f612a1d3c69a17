// SPDX-License-Identifier: MIT
//
// PHP's heap, prepared by a zygote so that an event copies few pages of it.
//
// The memory that the boot has freed lies scattered between the memory that it keeps. An event that
// allocates there writes to a hundred pages that it shares with the zygote, and the kernel has to
// copy each one first. Here the zygote takes those free blocks out of use, so that an event's
// memory begins in a chunk (2 MB) that holds nothing yet: no page of it is copied, and where the
// kernel has huge pages the chunk is a single one.
#pragma once

namespace phork::sapi {

// In the zygote, when nothing allocates any more. False when memory_limit leaves no room for it.
bool start_fresh_heap();

// In a child, before it says ready: takes the chunk.
void enter_fresh_heap();

}  // namespace phork::sapi
