// SPDX-License-Identifier: MIT
//
// Bytes that leave in one system call though they lie apart. Pure functions on lists of iovec, for
// senders that are left with a rest.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace phork::base {

// The kernel only reads through the pointer, whatever iovec's type says.
inline iovec piece(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

inline std::size_t size_of(std::span<const iovec> pieces) {
  std::size_t bytes = 0;
  for (const iovec& each : pieces) bytes += each.iov_len;
  return bytes;
}

// Drops the first `count` bytes of what the pieces hold together.
inline void drop_front(std::span<iovec> pieces, std::size_t count) {
  for (iovec& each : pieces) {
    const std::size_t here = std::min(count, each.iov_len);
    each.iov_base = static_cast<char*>(each.iov_base) + here;
    each.iov_len -= here;
    count -= here;
  }
}

}  // namespace phork::base
