// SPDX-License-Identifier: MIT
//
// Signs that spare a rollback the look at all mappings and pages of this process; docs/rollback.md
// says why nothing is missed. Part of the snapshot's arena (snapshot_arena.h): zeroed memory is the
// initial state, and nothing here writes to other memory. Linux only, no PHP.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "php-worker/sapi/memory/address_space.h"

namespace phork::sapi {

// While these stay the same, no page of this process has become its own.
struct FaultCounts {
  std::uint64_t own;
  std::uint64_t of_children;  // that have been waited for

  bool operator==(const FaultCounts&) const = default;
};

// Two calls.
FaultCounts read_fault_counts();

// False where the kernel does not count a fault that a system call causes (before Linux 5.9).
bool counts_all_faults();

class MappingSigns {
 public:
  // Seals this process's mappings for good: the kernel refuses to unmap, move, protect or replace
  // them (Linux 6.10). Those that PHP or a library may have to change stay open, and are recorded;
  // none that contains one of the addresses `ours`. Where the kernel cannot do this, or too many
  // stay open, there are no signs.
  void record(const MappingList& mappings, std::span<const std::uintptr_t> ours, int maps,
              int statm);

  // True when no mapping has been made, changed or removed since record(); false without signs.
  // `maps` and `statm` are this process's open files. One call, and one for each open mapping.
  bool are_same(int maps, int statm) const;

 private:
  // struct procmap_query of <linux/fs.h>, which is newer than the headers that phork is built with:
  // what was asked for, begin, end, flags, place in the file, and more.
  using Reply = std::array<std::uint64_t, 13>;
  static constexpr std::size_t kAddress = 2;
  static constexpr std::size_t kMostOpen = 16;

  static bool read(std::uint64_t address, int maps, Reply& reply);

  std::uint64_t pages_;  // of all mappings together; 0 without signs
  std::array<Reply, kMostOpen> open_;
  std::size_t open_count_;
};

}  // namespace phork::sapi
