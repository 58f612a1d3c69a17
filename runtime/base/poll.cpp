// SPDX-License-Identifier: MIT
#include "runtime/base/poll.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include "runtime/base/result.h"

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
  pollfd descriptor{fd, POLLIN, 0};
  return poll_until({&descriptor, 1}, deadline) > 0;
}

}  // namespace phork::base
