// SPDX-License-Identifier: MIT
//
// Waiting for descriptors with a deadline instead of a timeout, so that interruptions by signals
// and long waits need no arithmetic at the call.
#pragma once

#include <chrono>
#include <poll.h>
#include <span>

namespace phork::base {

using Deadline = std::chrono::steady_clock::time_point;

// Far enough to mean never, near enough to be added to.
inline constexpr Deadline kNoDeadline = Deadline::max();

// poll(2) until something happens or `deadline` passes. Returns the number of ready descriptors, 0
// when the deadline passed. Retries EINTR; throws SystemError where poll itself cannot work.
int poll_until(std::span<pollfd> descriptors, Deadline deadline);

// Whether `fd` became readable (or its other end closed) before `deadline`.
bool wait_readable(int fd, Deadline deadline);

}  // namespace phork::base
