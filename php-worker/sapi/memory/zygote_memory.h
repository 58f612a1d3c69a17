// SPDX-License-Identifier: MIT
//
// The memory of a zygote, arranged so that a fork, the child's first steps and its exit cost
// little. Nothing here changes what PHP sees; docs/performance.md has what each part is worth.
#pragma once

#include <string>

#include "runtime/base/pinned.h"

namespace phork::sapi {

// While PHP starts: its heap is to lie on huge pages, if the kernel copies only what a child writes
// of one (5.8: https://git.kernel.org/torvalds/c/3917c80280c9). PHP asks the environment, once, and
// the application does not see it.
class HugePagesPreferred : private base::Pinned {
 public:
  HugePagesPreferred();
  ~HugePagesPreferred();

 private:
  bool set_ = false;
};

// Where the memory of an event lies in PHP's heap.
enum class EventHeap : bool {
  kApart,  // in a chunk of its own (fresh_heap.h)
  kMixed,  // in what the boot has left free
};

// In the zygote, when it is sealed. What came of it, in words for the log.
std::string arrange_memory(EventHeap heap);

// In the zygote, when it has allocated since then.
void arrange_heap_again();

// In a child, before it says ready.
void enter_memory();

}  // namespace phork::sapi
