// SPDX-License-Identifier: MIT
//
// The mappings of this process as /proc/self/maps lists them, and what became of them since they
// were listed. For code that runs while memory is being put back (snapshot.h): nothing here
// allocates, and a list lies where its owner has put it.
// https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <sys/types.h>

namespace phork::sapi {

inline constexpr std::uintptr_t kPageBytes = 4096;

struct Mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
  std::uint64_t offset;  // in its file
  std::uint64_t inode;   // 0: of no file
  std::uint64_t device;
  std::array<char, 4> access;  // "rw-p"
  bool stack;                  // of the first thread: it grows by itself

  std::size_t bytes() const { return end - begin; }

  bool private_writable() const { return access[1] == 'w' && access[3] == 'p'; }
};

// In order of address. A process of PHP has 200 to 500.
struct MappingList {
  std::array<Mapping, 4096> items;
  std::size_t count;

  std::span<const Mapping> all() const { return {items.data(), count}; }
};

// One line without its end; false when it is none.
bool parse_mapping(std::string_view line, Mapping& mapping);

// Reads what is mapped now. False when that cannot be read, or is more than a list holds.
bool read_mappings(MappingList& list);

struct AddressRange {
  std::uintptr_t begin;
  std::uintptr_t end;
};

// What is mapped in excess; more of it than this is not undone.
struct RangeList {
  std::array<AddressRange, 1024> items;
  std::size_t count;

  std::span<const AddressRange> all() const { return {items.data(), count}; }
};

// Finds in `extra` what `now` has and `before` had not. False when a mapping of `before` is gone or
// is another one now, or when there is too much in excess. Neighbours that the kernel has joined or
// split are the same mappings.
bool find_extra(const MappingList& before, const MappingList& now, RangeList& extra);

}  // namespace phork::sapi
