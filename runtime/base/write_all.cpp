// SPDX-License-Identifier: MIT
#include "runtime/base/write_all.h"

#include <algorithm>
#include <cerrno>

#include "runtime/base/poll.h"

namespace phork::base {
namespace {

// What is left of `parts` once their first `bytes` are written.
std::span<iovec> drop_front(std::span<iovec> parts, std::size_t bytes) {
  while (!parts.empty() && bytes >= parts.front().iov_len) {
    bytes -= parts.front().iov_len;
    parts = parts.subspan(1);
  }
  if (!parts.empty()) {
    iovec& first = parts.front();
    first = {static_cast<char*>(first.iov_base) + bytes, first.iov_len - bytes};
  }
  return parts;
}

void wait_writable(int fd) {
  pollfd descriptor{fd, POLLOUT, 0};
  poll_until({&descriptor, 1}, kNoDeadline);
}

}  // namespace

Status write_all(int fd, std::span<iovec> parts) {
  parts = drop_front(parts, 0);  // past empty ones: a writev of nothing tells nothing
  while (!parts.empty()) {
    const ssize_t written = ::writev(fd, parts.data(), static_cast<int>(parts.size()));
    if (written >= 0) {
      parts = drop_front(parts, static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_writable(fd);
    } else if (errno != EINTR) {
      Error error = system_error("base: write", errno);
      if (errno == EPIPE) error.kind = ErrorKind::kDisconnected;
      return error;
    }
  }
  return ok_status();
}

}  // namespace phork::base
