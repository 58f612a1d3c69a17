// SPDX-License-Identifier: MIT
#include "runtime/base/read_to_end.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace phork::base {

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
