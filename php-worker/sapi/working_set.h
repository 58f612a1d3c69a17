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
// holds addresses only. A child believes none that is not inside a mapping the zygote had at seal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace phork::sapi {

class WorkingSet {
 public:
  // In the zygote, last thing before it forks.
  WorkingSet();
  WorkingSet(const WorkingSet&) = delete;
  WorkingSet& operator=(const WorkingSet&) = delete;
  WorkingSet(WorkingSet&&) = delete;
  WorkingSet& operator=(WorkingSet&&) = delete;
  ~WorkingSet() = default;  // the mapping ends with the process

  bool available() const { return shared_ != nullptr; }

  // In a child, before it says ready: touches what was learned so far.
  void touch() const;

  // In a child, after its answer: adds what this event used, if `minor_faults` says that there was
  // much to learn.
  void learn(std::uint32_t minor_faults);

 private:
  struct Shared;

  // A range of the zygote's memory, sorted by address.
  struct Mapping {
    std::uintptr_t begin;
    std::uintptr_t end;
    bool private_writable;
  };

  void read_mappings();
  const Mapping* find_mapping(std::uintptr_t address) const;
  void learn_mapping(const Mapping& mapping, int pagemap);

  std::vector<Mapping> mappings_;
  Shared* shared_ = nullptr;
};

}  // namespace phork::sapi
