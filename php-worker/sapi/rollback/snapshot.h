// SPDX-License-Identifier: MIT
//
// A copy of the writable memory of a process with one thread, to put back at the same addresses,
// and the point in the program to return to (docs/rollback.md).
//
// take() copies all private writable memory (heaps, data of the program and its libraries, thread
// locals) into an image, and maps it back from there as private pages of a file. Children share the
// image. When a page is written, the kernel gives the process a page of its own, which
// /proc/self/pagemap shows as not of a file (bit 61,
// https://docs.kernel.org/admin-guide/mm/pagemap.html). These pages are what roll_back() copies.
// They stay the process's own, so the next event's writes to them cost no fault.
//
// Linux only. Knows nothing of PHP or of the kernel's other state (kernel_state.h). Its own data
// lies outside of the image, and it works on a stack of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/base/result.h"

namespace phork::sapi {

struct SnapshotArena;

// This process's open files of /proc/self. With -1 a rollback opens them.
struct MemoryFiles {
  int maps = -1;
  int pagemap = -1;
  int statm = -1;
  // No code in this process makes pages its own without a fault, so the pages need no look when
  // there was none.
  bool counts_faults = false;
  std::span<const int> to_close;  // as part of the rollback, when it succeeds
};

class Snapshot {
 public:
  // In the zygote, as its last step before it forks. The error names what is missing here.
  static base::Result<Snapshot> take();

  // In a child, once. roll_back() restores memory and registers as they are here, by returning from
  // this call again. The value is the number of rollbacks so far: 0 at first.
  base::Result<std::uint32_t> mark();

  // Undoes every write to memory since mark(), and every mapping made since. Does not return on
  // success. On failure nothing has been changed, and the error says why.
  base::Error roll_back(const MemoryFiles& files = {});

  // For tests: from here on each rollback compares every page, and differing_pages() is the number
  // of pages that were not restored. It is 0 unless the kernel's record of written pages is wrong.
  void check_rollbacks();
  std::size_t differing_pages() const;

 private:
  explicit Snapshot(SnapshotArena& arena) : arena_(&arena) {}

  SnapshotArena* arena_;  // lives until the process ends
};

}  // namespace phork::sapi
