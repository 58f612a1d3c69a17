// SPDX-License-Identifier: MIT
//
// The pages that events use, learned from the first ones and touched by every later child before
// it says ready. After fork() a child's first write to a page copies it and its first look at a
// shared one maps it, a fault of about 2 us each; an event of a framework has hundreds. Touched
// beforehand, they cost the caller nothing.
//
// What was written shows in /proc/self/pagemap as pages mapped by one process only (bit 56, and not
// of a file, bit 61): https://docs.kernel.org/admin-guide/mm/pagemap.html. Where pagemap cannot be
// read, nothing is learned and `available()` is false.
//
// The list lies in memory that the zygote shares with its children, and belongs to that zygote. It
// holds addresses only. The zygote believes none that is not inside a mapping it had at seal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "php-worker/sapi/memory/mappings.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class WorkingSet : private base::Pinned {
 public:
  // In the zygote, last thing before it forks.
  WorkingSet();
  ~WorkingSet() = default;  // the mapping ends with the process

  bool available() const { return shared_ != nullptr; }

  // In the zygote, when it has got more memory since.
  void look_again();

  // In the zygote, before each fork: takes what children have learned, as far as it makes sense.
  void take_over();

  // In a child, before it says ready: touches what was learned so far.
  void touch() const;

  // In a child, after its answer: adds what this event used, if `minor_faults` says that there was
  // much to learn.
  void learn(std::uint32_t minor_faults);

 private:
  struct Shared;

  void find_mappings();
  const Mapping* find_mapping(std::uintptr_t address) const;
  void learn_mapping(const Mapping& mapping, int pagemap);
  void learn_written(std::uintptr_t begin, std::span<const std::uint64_t> pages);
  void learn_read(std::uintptr_t begin, std::span<const std::uint64_t> pages);

  std::vector<Mapping> mappings_;  // of the zygote, sorted by address
  Shared* shared_ = nullptr;
  std::size_t taken_ = 0;              // entries of shared_
  std::vector<std::uintptr_t> pages_;  // sorted entries that are touched
};

}  // namespace phork::sapi
