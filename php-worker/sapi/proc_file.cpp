// SPDX-License-Identifier: MIT
#include "php-worker/sapi/proc_file.h"

#include <array>
#include <climits>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/fd.h"

namespace phork::sapi {

std::string read_proc_file(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part;
  ssize_t got = 0;
  while ((got = ::read(file.get(), part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string read_proc_link(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  return {target.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace phork::sapi
