// SPDX-License-Identifier: MIT
//
// The writable memory of a process with one thread, kept so that it can be put back at the same
// addresses, and the point in the program that is returned to with it (docs/rollback.md).
//
// take() copies all private writable memory (heaps, data of the program and its libraries, thread
// locals) into an image and maps it back from there, as private pages of a file. Children share the
// image. A page that is written becomes a page of the process's own, which /proc/self/pagemap shows
// as not of a file (bit 61, https://docs.kernel.org/admin-guide/mm/pagemap.html): these are what
// roll_back() copies. They stay the process's own, so the next event's writes cost no fault.
//
// Linux only. Knows nothing of PHP or of the kernel's other state (kernel_state.h). What it needs
// itself lies outside of the image, and is used from a stack of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/result.h"

namespace phork::sapi {

struct SnapshotArena;

class Snapshot {
 public:
  // In the zygote, as the last thing before it forks. The error names what is missing here.
  static base::Result<Snapshot> take();

  // In a child, once: memory and registers as they are here are what roll_back() returns to, and it
  // does so by returning from this call once more. The value is how often it has: 0 at first.
  base::Result<std::uint32_t> mark();

  // Undoes every write to memory since mark(), and every mapping made since. Does not return when
  // that worked. Else nothing has been changed, and what is returned says why not.
  base::Error roll_back();

  // Pages that the last rollback has copied.
  std::size_t pages_put_back() const;

  // From here on each rollback looks at every page, and differing_pages() says how many were not as
  // they had been: 0, unless the kernel's list of what was written is not to be trusted. For tests.
  void check_rollbacks();
  std::size_t differing_pages() const;

 private:
  explicit Snapshot(SnapshotArena& arena) : arena_(&arena) {}

  SnapshotArena* arena_;  // lives until the process ends
};

}  // namespace phork::sapi
