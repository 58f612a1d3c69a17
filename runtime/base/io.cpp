// SPDX-License-Identifier: MIT
#include "runtime/base/io.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <unistd.h>

namespace phork::base {
namespace {

// Rounded up, so that a wait never ends before its deadline.
int remaining_ms(Deadline deadline) {
  if (deadline == kNoDeadline) return -1;
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

bool wait_for(int fd, short events, Deadline deadline) {
  pollfd descriptor{fd, events, 0};
  return poll_until({&descriptor, 1}, deadline) > 0;
}

}  // namespace

int poll_until(std::span<pollfd> descriptors, Deadline deadline) {
  for (;;) {
    const int timeout = remaining_ms(deadline);
    const int ready = ::poll(descriptors.data(), descriptors.size(), timeout);
    if (ready > 0) return ready;
    if (ready == 0 && remaining_ms(deadline) == 0) return 0;
    if (ready == -1 && errno != EINTR) throw SystemError(errno, "base: poll");
  }
}

bool wait_readable(int fd, Deadline deadline) {
  return wait_for(fd, POLLIN, deadline);
}

bool wait_writable(int fd, Deadline deadline) {
  return wait_for(fd, POLLOUT, deadline);
}

std::size_t total_size(std::span<const iovec> parts) {
  std::size_t bytes = 0;
  for (const iovec& part : parts) bytes += part.iov_len;
  return bytes;
}

void advance(std::span<iovec> parts, std::size_t count) {
  for (iovec& part : parts) {
    const std::size_t here = std::min(count, part.iov_len);
    part.iov_base = static_cast<char*>(part.iov_base) + here;
    part.iov_len -= here;
    count -= here;
  }
}

Status write_all(int fd, std::span<iovec> parts) {
  while (total_size(parts) > 0) {
    const ssize_t written = ::writev(fd, parts.data(), static_cast<int>(parts.size()));
    if (written >= 0) {
      base::advance(parts, static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_writable(fd, kNoDeadline);
    } else if (errno != EINTR) {
      Error error = system_error("base: write", errno);
      if (errno == EPIPE) error.kind = ErrorKind::kDisconnected;
      return error;
    }
  }
  return ok_status();
}

std::string read_to_end(int fd, Deadline deadline) {
  std::string text;
  std::array<char, 4096> part{};
  while (wait_readable(fd, deadline)) {
    const ssize_t bytes = ::read(fd, part.data(), part.size());
    if (bytes == -1 && (errno == EINTR || errno == EAGAIN)) continue;
    if (bytes <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(bytes));
  }
  return text;
}

}  // namespace phork::base
