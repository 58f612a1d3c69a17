// SPDX-License-Identifier: MIT
#include "runtime/base/write_all.h"

#include <cerrno>

#include "runtime/base/poll.h"

namespace phork::base {
namespace {

void wait_writable(int fd) {
  pollfd descriptor{fd, POLLOUT, 0};
  poll_until({&descriptor, 1}, kNoDeadline);
}

}  // namespace

Status write_all(int fd, std::span<iovec> parts) {
  while (size_of(parts) > 0) {
    const ssize_t written = ::writev(fd, parts.data(), static_cast<int>(parts.size()));
    if (written >= 0) {
      drop_front(parts, static_cast<std::size_t>(written));
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
