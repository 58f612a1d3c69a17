// SPDX-License-Identifier: MIT
//
// The memory of this process as /proc/self shows it: its mappings (maps), how they have changed
// since they were listed, and the state of each page (pagemap).
//
// Code that puts memory back (snapshot.h) uses this while memory is half restored. So nothing here
// but list_mappings() allocates, and a list lies where its owner has put it. No PHP.
// https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <span>
#include <string_view>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/process/privacy.h"

namespace phork::sapi {

inline constexpr std::uintptr_t kPageBytes = 4096;
inline constexpr std::uintptr_t kHugePageBytes = std::uintptr_t{2} << 20;

struct Mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
  std::uint64_t offset;  // in its file
  std::uint64_t inode;   // 0 when it is not of a file
  std::uint64_t device;
  std::array<char, 4> access;  // "rw-p"
  bool stack;                  // of the first thread, which the kernel grows

  std::size_t bytes() const { return end - begin; }

  bool private_writable() const { return access[1] == 'w' && access[3] == 'p'; }
};

// In order of address. A PHP process has 200 to 500 mappings.
struct MappingList {
  std::array<Mapping, 4096> items;
  std::size_t count;

  std::span<const Mapping> all() const { return {items.data(), count}; }
};

// Parses one line without its line end; false when it is not a mapping.
bool parse_mapping(std::string_view line, Mapping& mapping);

// Reads the current mappings from `maps`, this process's open /proc/self/maps, from its start.
// False when they cannot be read, or do not fit into a list.
bool read_mappings(MappingList& list, int maps);

struct AddressRange {
  std::uintptr_t begin;
  std::uintptr_t end;
};

// Memory that is mapped in excess. A rollback refuses when there are more ranges than this.
struct RangeList {
  std::array<AddressRange, 1024> items;
  std::size_t count;

  std::span<const AddressRange> all() const { return {items.data(), count}; }
};

// Puts into `extra` what `now` has and `before` had not. False when a mapping of `before` is gone
// or has been replaced, or when `extra` is full. Neighbours that the kernel has joined or split
// count as unchanged.
bool find_extra(const MappingList& before, const MappingList& now, RangeList& extra);

// The same mappings for code that may allocate. In order of address; empty where /proc cannot be
// read.
std::vector<Mapping> list_mappings();

inline bool is_readable(const Mapping& mapping) {
  return mapping.access[0] == 'r';
}

inline bool is_writable(const Mapping& mapping) {
  return mapping.access[1] == 'w';
}

inline bool is_executable(const Mapping& mapping) {
  return mapping.access[2] == 'x';
}

inline bool is_shared(const Mapping& mapping) {
  return mapping.access[3] == 's';
}

// Turns an address that the kernel told us into a pointer; there is no object to derive it from.
inline void* to_pointer(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}

// Bits of /proc/self/pagemap, which has a 64-bit number for each page of this process:
// https://docs.kernel.org/admin-guide/mm/pagemap.html
inline constexpr std::uint64_t kPagePresent = 1ULL << 63;
inline constexpr std::uint64_t kPageSwapped = 1ULL << 62;
inline constexpr std::uint64_t kPageOfFileOrShared = 1ULL << 61;
inline constexpr std::uint64_t kPageMappedHereOnly = 1ULL << 56;  // since Linux 4.2

// Invalid where pagemap cannot be opened.
inline base::Fd open_pagemap() {
  const process::OpenToOthers while_it_is_opened;
  return base::Fd(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
}

// Reads the entries of the pages in [begin, end), as many as fit into `room`. Empty, with errno
// set, when they cannot be read. Writes to no memory but `room`, as snapshot_arena.h demands.
inline std::span<const std::uint64_t> read_pagemap(int pagemap, std::uintptr_t begin,
                                                   std::uintptr_t end,
                                                   std::span<std::uint64_t> room) {
  const std::size_t wanted = std::min(room.size(), (end - begin) / kPageBytes);
  const ssize_t got = ::pread(pagemap, room.data(), wanted * sizeof(std::uint64_t),
                              static_cast<off_t>(begin / kPageBytes * sizeof(std::uint64_t)));
  return room.first(got <= 0 ? 0 : static_cast<std::size_t>(got) / sizeof(std::uint64_t));
}

// A row of pages in the same state; the layout is the kernel's.
struct PageRegion {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t state;
};

struct PrivatePages {
  std::span<const PageRegion> regions;  // in order of address
  std::uintptr_t end;                   // where the kernel stopped, for lack of room
  bool known;                           // false when the kernel cannot tell; errno is set
};

// Asks the kernel for the pages in [begin, end) that are there and are not of a file: one call,
// since Linux 6.7. Writes to no memory but `room`.
// https://docs.kernel.org/admin-guide/mm/pagemap.html#pagemap-scan-ioctl
PrivatePages scan_private_pages(int pagemap, std::uintptr_t begin, std::uintptr_t end,
                                std::span<PageRegion> room);

// For tests: true when PHORK_OLD_KERNEL is set, and this process does without system calls and
// fields that are newer than Linux 5.10.
bool has_old_kernel();

}  // namespace phork::sapi
