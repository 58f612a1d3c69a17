// SPDX-License-Identifier: MIT
#include "emulator/environments/process_tree.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd.h"

namespace phork::emulator {
namespace {

std::string read_proc(pid_t pid, std::string_view name) {
  const std::string path = "/proc/" + std::to_string(pid) + '/' + std::string(name);
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part;
  while (file.valid()) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Every process as (pid, parent).
std::vector<std::pair<pid_t, pid_t>> all_processes() {
  std::vector<std::pair<pid_t, pid_t>> processes;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc"));
  if (!directory) return processes;
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = parse_number<pid_t>(entry->d_name);
    if (!pid) continue;
    if (const auto stat = parse_stat(read_proc(*pid, "stat"))) {
      processes.emplace_back(*pid, stat->parent);
    }
  }
  return processes;
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  // The second field is the program's name in parentheses, which may hold anything.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 1);
  constexpr std::size_t kParent = 1;  // counted from the field after the name
  constexpr std::size_t kMinorFaults = 7;
  constexpr std::size_t kChildrensMinorFaults = 8;
  std::array<std::uint64_t, kChildrensMinorFaults + 1> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return std::nullopt;
    text.remove_prefix(start);
    fields[i] = parse_number<std::uint64_t>(text).value_or(0);  // some are letters or negative
    text.remove_prefix(std::min(text.find(' '), text.size()));
  }
  return ProcessStat{static_cast<pid_t>(fields[kParent]),
                     fields[kMinorFaults] + fields[kChildrensMinorFaults]};
}

std::int64_t smaps_field_kb(std::string_view smaps_rollup, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":";
  const std::size_t found = smaps_rollup.find(key);
  if (found == std::string_view::npos) return 0;
  std::string_view rest = smaps_rollup.substr(found + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return parse_number<std::int64_t>(rest).value_or(0);
}

std::uint64_t parse_pss_kb(std::string_view smaps_rollup) {
  return static_cast<std::uint64_t>(smaps_field_kb(smaps_rollup, "Pss"));
}

std::vector<pid_t> process_tree(pid_t root) {
  const auto processes = all_processes();
  std::vector<pid_t> tree = {root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    for (const auto& [pid, parent] : processes) {
      if (parent == tree[i] && std::ranges::find(tree, pid) == tree.end()) tree.push_back(pid);
    }
  }
  return tree;
}

TreeUsage measure_tree(pid_t root) {
  TreeUsage usage;
  for (const pid_t pid : process_tree(root)) {
    usage.pss_kb += parse_pss_kb(read_proc(pid, "smaps_rollup"));
    if (const auto stat = parse_stat(read_proc(pid, "stat"))) {
      usage.minor_faults += stat->minor_faults;
    }
  }
  return usage;
}

// Who is stopped starts nobody: once all that are found are stopped, all are found.
std::vector<pid_t> stop_tree(pid_t root) {
  std::vector<pid_t> stopped;
  for (bool found_new = true; found_new;) {
    found_new = false;
    for (const pid_t pid : process_tree(root)) {
      if (std::ranges::find(stopped, pid) != stopped.end()) continue;
      ::kill(pid, SIGSTOP);
      stopped.push_back(pid);
      found_new = true;
    }
  }
  return stopped;
}

void kill_tree(pid_t root) {
  for (const pid_t pid : stop_tree(root)) ::kill(pid, SIGKILL);
}

}  // namespace phork::emulator
