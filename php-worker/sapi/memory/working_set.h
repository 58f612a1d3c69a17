// SPDX-License-Identifier: MIT
//
// The pages that events use: learned from the first events, and touched by every later child before
// it says ready. After fork() a child's first write to a page copies it, and its first look at a
// shared page maps it. Each is a fault of about 2 us, and an event of a framework has hundreds.
// Touched beforehand, they cost the caller nothing.
//
// Written pages show in /proc/self/pagemap as mapped by one process only (bit 56, and not of a
// file, bit 61): https://docs.kernel.org/admin-guide/mm/pagemap.html. Where pagemap cannot be read,
// nothing is learned and `available()` is false.
//
// Pages of files are populated by madvise, which fails where a file has become shorter; a read
// would end the process (SIGBUS). Files that the boot has mapped are the deployment's as a rule,
// but events may write to others. Other memory cannot become shorter, and is read and written
// directly, without a system call.
//
// The list lies in memory that the zygote shares with its children, and holds addresses only. A
// child could spoil it, so the zygote ignores addresses outside the mappings that it had at seal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "php-worker/sapi/memory/address_space.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class WorkingSet : private base::Pinned {
 public:
  // In the zygote, as its last step before it forks.
  WorkingSet();
  ~WorkingSet() = default;  // the mapping ends with the process

  bool available() const { return shared_ != nullptr; }

  // In the zygote, when it has allocated and mapped memory since then: events use other pages now.
  void look_again();

  // In the zygote, before each fork: takes what children have learned, as far as it is plausible.
  // True when that was new.
  bool take_over();

  // In a child, before it says ready: touches the pages learned so far that are not of a file.
  void touch() const;
  // In a child, once: populates those that are. They stay mapped through all rollbacks.
  void populate_files() const;

  // In a child, after its answer: adds the pages that this event used, if `minor_faults` says that
  // there is enough to learn. The first events may teach, and later one each time that the number
  // of events has doubled, because looking for pages takes about as long as a short event.
  void learn(std::uint32_t minor_faults);

  // In the zygote, after a rehearsal: counts events from here on.
  void settle();

 private:
  struct Shared;

  // Rows of pages of one file.
  struct FileRange {
    std::uintptr_t begin;
    std::uintptr_t end;
    bool write;
  };

  void find_mappings();
  bool touches(std::uintptr_t entry) const;
  bool touches_block_of(std::uintptr_t address, std::size_t block_bytes) const;
  const Mapping* find_mapping(std::uintptr_t address) const;
  void arrange_touches();
  void learn_mapping(const Mapping& mapping, int pagemap);
  void learn_written(std::uintptr_t begin, std::span<const std::uint64_t> pages);
  void learn_read(std::uintptr_t begin, std::span<const std::uint64_t> pages, bool may_be_huge);

  std::vector<Mapping> mappings_;  // of the zygote, sorted by address
  Shared* shared_ = nullptr;
  std::uint64_t anonymous_device_ = 0;  // of memory that is shared, but not by a file
  std::size_t taken_ = 0;               // entries of shared_
  std::vector<std::uintptr_t> pages_;   // sorted entries that are touched or populated
  std::vector<std::uintptr_t> touched_;
  std::vector<FileRange> populated_;
};

}  // namespace phork::sapi
