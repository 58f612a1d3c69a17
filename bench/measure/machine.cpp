// SPDX-License-Identifier: MIT
#include "bench/measure/machine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The value after the colon of the first line that begins with `key`.
std::string field_of(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t begin = line.find_first_not_of(": \t", key.size());
    return begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return {};
}

std::int64_t meminfo_mb(std::string_view key) {
  const std::string text = field_of("/proc/meminfo", key);
  std::string_view kilobytes = text;
  return base::take_number<std::int64_t>(kilobytes).value_or(0) / 1024;
}

std::vector<std::string> phork_variables() {
  std::vector<std::string> names;
  for (const std::string& entry : process::current_environment()) {
    if (entry.starts_with("PHORK_")) names.push_back(entry.substr(0, entry.find('=')));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string chosen_word(const std::string& setting) {
  const std::size_t open = setting.find('[');
  const std::size_t close = setting.find(']', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return setting.substr(open + 1, close - open - 1);
}

std::int64_t available_memory_mb() {
  return meminfo_mb("MemAvailable");
}

Machine describe_machine(std::string commit) {
  Machine machine;
  machine.cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  machine.processor = field_of("/proc/cpuinfo", "model name");
  utsname kernel{};
  if (::uname(&kernel) == 0) {
    machine.kernel = std::string(kernel.sysname) + ' ' + kernel.release + ' ' + kernel.machine;
  }
  machine.memory_mb = meminfo_mb("MemTotal");
  const std::string huge = "/sys/kernel/mm/transparent_hugepage/";
  machine.huge_pages = chosen_word(first_line(huge + "enabled"));
  machine.shmem_huge = chosen_word(first_line(huge + "shmem_enabled"));
  machine.variables = phork_variables();
  machine.commit = std::move(commit);
  return machine;
}

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &utc)};
}

}  // namespace phork::bench
