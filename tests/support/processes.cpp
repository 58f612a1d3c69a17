// SPDX-License-Identifier: MIT
#include "tests/support/processes.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

namespace phork::testing {
namespace {

std::string proc(pid_t pid, const std::string& name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

// "R", "S", "Z", ...; "" when there is no such process. The name before it may contain anything.
std::string state_of(pid_t pid) {
  std::ifstream file(proc(pid, "stat"));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos ? "" : stat.substr(name_end + 2, 1);
}

}  // namespace

std::vector<pid_t> descendant_pids(pid_t pid) {
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(proc(pid, "task"), error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) {
      found.push_back(child);
      const std::vector<pid_t> below = descendant_pids(child);
      found.insert(found.end(), below.begin(), below.end());
    }
  }
  return found;
}

Descendants descendants(pid_t pid) {
  Descendants found;
  for (const pid_t child : descendant_pids(pid)) {
    (state_of(child) == "Z" ? found.zombies : found.live) += 1;
  }
  return found;
}

bool lives(pid_t pid) {
  const std::string state = state_of(pid);
  return !state.empty() && state != "Z";
}

int open_descriptors(pid_t pid) {
  std::error_code error;
  const std::filesystem::directory_iterator all(proc(pid, "fd"), error);
  return static_cast<int>(std::distance(begin(all), end(all)));
}

long memory_kb(pid_t pid, const std::string& field) {
  std::ifstream file(proc(pid, "status"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
  }
  FAIL("no " << field << " of process " << pid);
  return 0;
}

}  // namespace phork::testing
