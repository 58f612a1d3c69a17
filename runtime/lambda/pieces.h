// SPDX-License-Identifier: MIT
//
// Bytes that leave in one system call though they lie apart. Pure functions on lists of iovec, for
// senders that are left with a rest.
#pragma once

#include <algorithm>
#include <span>
#include <sys/uio.h>

namespace phork::lambda {

inline std::size_t size_of(std::span<const iovec> pieces) {
  std::size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  return bytes;
}

// Drops the first `count` bytes of what the pieces hold together.
inline void drop_front(std::span<iovec> pieces, std::size_t count) {
  for (iovec& piece : pieces) {
    const std::size_t here = std::min(count, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + here;
    piece.iov_len -= here;
    count -= here;
  }
}

}  // namespace phork::lambda
