// SPDX-License-Identifier: MIT
#include "tests/support/processes.h"

#include <filesystem>
#include <iterator>
#include <sstream>

#include <doctest/doctest.h>

#include "runtime/process/process_tree.h"

namespace phork::testing {
namespace {

// "R", "S", "Z", ...; "" when there is no such process. The name before it may contain anything.
std::string state_of(pid_t pid) {
  const std::string stat = process::read_proc_file(pid, "stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos ? "" : stat.substr(name_end + 2, 1);
}

}  // namespace

std::vector<pid_t> descendant_pids(pid_t pid) {
  std::vector<pid_t> found = process::process_tree(pid);
  found.erase(found.begin());  // the root
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
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd", error);
  return static_cast<int>(std::distance(begin(all), end(all)));
}

long memory_kb(pid_t pid, const std::string& field) {
  std::istringstream file(process::read_proc_file(pid, "status"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
  }
  FAIL("no " << field << " of process " << pid);
  return 0;
}

}  // namespace phork::testing
