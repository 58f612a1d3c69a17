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

#include <cstdint>

namespace phork::sapi {

// In the zygote, when nothing allocates any more. False when memory_limit leaves no room for it.
bool start_fresh_heap();

// In a child, before it says ready: takes the chunk.
void enter_fresh_heap();

struct ObjectCounts {
  std::uint32_t objects = 0;
  std::uint32_t without_destructor = 0;
};

// In the zygote, when no PHP code runs any more: sets the flag "destructor called" on objects that
// have no destructor. At the end of an event PHP sets it on every object, destructor or not
// (zend_objects_store_call_destructors), and in a child that copies each heap page with an object
// on it. When the flag is set already, PHP only reads it: with 30,000 objects an event has some 500
// page faults fewer. Objects with a destructor, of their class or of their extension's handlers,
// are left alone.
ObjectCounts mark_objects_without_destructor();

}  // namespace phork::sapi
