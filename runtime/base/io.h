// SPDX-License-Identifier: MIT
//
// Waiting for descriptors, and reading and writing them to the end, whatever they are: pipe, file,
// terminal. Sockets have calls of their own (socket_io.h), as only those can avoid SIGPIPE.
#pragma once

#include <chrono>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>

#include "runtime/base/result.h"

namespace phork::base {

// A point in time instead of a timeout, so that interruptions by signals and several waits in a row
// need no arithmetic at the call.
using Deadline = std::chrono::steady_clock::time_point;

// Never. Do not add to it.
inline constexpr Deadline kNoDeadline = Deadline::max();

// poll(2) until something happens or `deadline` passes. Returns the number of ready descriptors, 0
// when the deadline passed. Retries EINTR; throws SystemError where poll itself cannot work.
int poll_until(std::span<pollfd> descriptors, Deadline deadline);

// True when `fd` became readable (or its other end closed) before `deadline`.
bool wait_readable(int fd, Deadline deadline);
bool wait_writable(int fd, Deadline deadline);

// Borrows `text`. The kernel only reads through the pointer, whatever iovec's type says.
inline iovec as_iovec(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

std::size_t total_size(std::span<const iovec> parts);

// Drops the first `count` bytes of what the parts hold together: those that were written already.
void advance(std::span<iovec> parts, std::size_t count);

// Writes all of `parts`, which are used up, in as few writev(2) as the descriptor allows: one when
// it takes everything, none for nothing. Waits where it is full, non-blocking or not.
// kDisconnected: nobody reads any more.
Status write_all(int fd, std::span<iovec> parts);

// Reads what comes before the end, the deadline, or the first error; blocking or not.
std::string read_to_end(int fd, Deadline deadline = kNoDeadline);

}  // namespace phork::base
