// SPDX-License-Identifier: MIT
//
// /proc/self/pagemap: a number of 64 bits for each page of this process.
// https://docs.kernel.org/admin-guide/mm/pagemap.html
#pragma once

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <span>
#include <unistd.h>

#include "php-worker/sapi/memory/address_space.h"
#include "runtime/base/fd.h"

namespace phork::sapi {

inline constexpr std::uint64_t kPagePresent = 1ULL << 63;
inline constexpr std::uint64_t kPageSwapped = 1ULL << 62;
inline constexpr std::uint64_t kPageOfFileOrShared = 1ULL << 61;
inline constexpr std::uint64_t kPageMappedHereOnly = 1ULL << 56;  // since Linux 4.2

// Not valid where there is none.
inline base::Fd open_pagemap() {
  return base::Fd(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
}

// The entries of the pages from `begin` on, before `end`, as many as `room` takes; none, and errno,
// when they cannot be read. Touches no memory but `room`, as snapshot_arena.h demands.
inline std::span<const std::uint64_t> read_pagemap(int pagemap, std::uintptr_t begin,
                                                   std::uintptr_t end,
                                                   std::span<std::uint64_t> room) {
  const std::size_t wanted = std::min(room.size(), (end - begin) / kPageBytes);
  const ssize_t got = ::pread(pagemap, room.data(), wanted * sizeof(std::uint64_t),
                              static_cast<off_t>(begin / kPageBytes * sizeof(std::uint64_t)));
  return room.first(got <= 0 ? 0 : static_cast<std::size_t>(got) / sizeof(std::uint64_t));
}

}  // namespace phork::sapi
