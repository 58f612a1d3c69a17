// SPDX-License-Identifier: MIT
#include "runtime/base/fd.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace phork::base {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    raw_ = std::exchange(other.raw_, -1);
  }
  return *this;
}

void Fd::reset() {
  // Linux frees the descriptor even where close() reports EINTR, so it is never retried.
  if (raw_ >= 0) ::close(std::exchange(raw_, -1));
}

Result<FdPair> make_socket_pair(int type) {
  int raw[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, raw) == -1) {
    return system_error("base: make socket pair", errno);
  }
  return FdPair{Fd(raw[0]), Fd(raw[1])};
}

Fd open_pidfd(pid_t pid) {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

Result<FdPair> open_pipe() {
  int raw[2];
  if (::pipe2(raw, O_CLOEXEC) == -1) return system_error("base: make pipe", errno);
  FdPair pipe{Fd(raw[0]), Fd(raw[1])};
  if (::fcntl(raw[0], F_SETFL, O_NONBLOCK) == -1) {
    return system_error("base: make pipe non-blocking", errno);
  }
  return pipe;
}

}  // namespace phork::base
