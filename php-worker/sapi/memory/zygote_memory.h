// SPDX-License-Identifier: MIT
//
// The memory of a zygote, arranged so that a fork, the child's first steps and its exit cost
// little. Nothing here changes what PHP sees; docs/performance.md says what each part is worth.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/pinned.h"

namespace phork::sapi {

// Held while PHP starts: has PHP put its heap on huge pages, if the kernel copies only those small
// pages of one that a child writes to (5.8: https://git.kernel.org/torvalds/c/3917c80280c9). PHP
// reads this setting from the environment, once, so it is removed before the application runs.
class HugePagesPreferred : private base::Pinned {
 public:
  HugePagesPreferred();
  ~HugePagesPreferred();

 private:
  bool set_ = false;
};

// Held while PHP starts: has opcache's memory begin where a huge page can, by keeping the kernel
// from placing it before. On x86-64, where opcache asks for an address of 32 bits.
class OpcacheAligned : private base::Pinned {
 public:
  OpcacheAligned();
  ~OpcacheAligned();

 private:
  void* reserved_ = nullptr;
  std::size_t bytes_ = 0;
};

// Where an event's memory lies in PHP's heap.
enum class EventHeap : bool {
  kApart,  // in a chunk of its own (zygote_heap.h)
  kMixed,  // between the boot's memory
};

// In the zygote, when it is sealed. Returns what it did, in words for the log.
std::string arrange_memory(EventHeap heap);

// Gathers opcache's shared memory in huge pages, where the kernel can (6.1:
// https://man7.org/linux/man-pages/man2/madvise.2.html), while other processes may use it. An event
// reads megabytes of it: in small pages that is a hundred faults, and more than a thousand entries
// of the child's page table to make and clear. Takes milliseconds. Returns what it did, in words.
std::string gather_opcache();

// In the zygote, when it has allocated since then.
void arrange_heap_again();

// In a child, before it says ready.
void enter_memory();

}  // namespace phork::sapi
