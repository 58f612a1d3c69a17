// SPDX-License-Identifier: MIT
//
// A file descriptor with one owner. Moves, never copies; closes in its destructor. Every descriptor
// that phork makes is close-on-exec from birth; a child process gets only those that it is given by
// name (process/spawn.h).
#pragma once

#include <sys/types.h>
#include <utility>

#include "runtime/base/result.h"

namespace phork::base {

class Fd {
 public:
  Fd() = default;

  // Takes ownership of `raw`; -1 means none.
  explicit Fd(int raw) : raw_(raw) {}

  Fd(Fd&& other) noexcept : raw_(std::exchange(other.raw_, -1)) {}

  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  ~Fd() { reset(); }

  int get() const { return raw_; }

  bool valid() const { return raw_ >= 0; }

  // Gives the descriptor up without closing it.
  [[nodiscard]] int release() { return std::exchange(raw_, -1); }

  void reset();

 private:
  int raw_ = -1;
};

struct FdPair {
  Fd first;
  Fd second;
};

// A connected pair of Unix sockets of `type` (SOCK_STREAM, SOCK_SEQPACKET), close-on-exec.
Result<FdPair> make_socket_pair(int type);

// Invalid, with errno set, when there is no such process.
// https://man7.org/linux/man-pages/man2/pidfd_open.2.html
Fd open_pidfd(pid_t pid);

// A pipe, close-on-exec: `first` is read from, non-blocking; `second` is written to, blocking.
Result<FdPair> open_pipe();

}  // namespace phork::base
