// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/proc_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/text.h"

namespace phork::sapi {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

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

std::uint64_t status_bits(std::string_view text, std::string_view name) {
  std::string start = "\n";
  start.append(name).append(":\t");
  const std::size_t at = text.find(start);
  std::uint64_t bits = 0;
  if (at == std::string_view::npos) return bits;
  text.remove_prefix(at + start.size());
  std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  return bits;
}

std::string read_proc_link(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  return {target.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

std::vector<int> open_descriptors() {
  std::vector<int> numbers;
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir("/proc/self/fd"));
  if (!folder) return numbers;
  while (const dirent* const entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    const int number = base::parse_number<int>(name).value_or(-1);
    if (number >= 0 && number != ::dirfd(folder.get())) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace phork::sapi
