// SPDX-License-Identifier: MIT
#include "runtime/process/process_tree.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::process {
namespace {

using base::Fd;

// Only a process that the kernel holds on to does not end at once.
constexpr std::chrono::seconds kEndTimeout{5};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Every process of the machine as (pid, parent).
std::vector<std::pair<pid_t, pid_t>> all_processes() {
  std::vector<std::pair<pid_t, pid_t>> processes;
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir("/proc"));
  if (!directory) return processes;
  while (const dirent* entry = ::readdir(directory.get())) {
    const auto pid = base::parse_number<pid_t>(entry->d_name);
    if (!pid) continue;
    if (const auto stat = parse_stat(read_proc_file(*pid, "stat"))) {
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
  // Counted from the field after the name.
  constexpr std::size_t kParent = 1;
  constexpr std::size_t kMinorFaults = 7;
  constexpr std::size_t kReapedMinorFaults = 8;
  constexpr std::size_t kReapedUserTicks = 13;
  constexpr std::size_t kReapedSystemTicks = 14;
  std::array<std::uint64_t, kReapedSystemTicks + 1> fields{};
  for (std::uint64_t& field : fields) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return std::nullopt;
    text.remove_prefix(start);
    field = base::take_number<std::uint64_t>(text).value_or(0);  // some are letters or negative
    text.remove_prefix(std::min(text.find(' '), text.size()));
  }
  return ProcessStat{static_cast<pid_t>(fields[kParent]), fields[kMinorFaults],
                     fields[kReapedMinorFaults], fields[kReapedUserTicks],
                     fields[kReapedSystemTicks]};
}

std::int64_t smaps_field_kb(std::string_view smaps_rollup, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":";
  const std::size_t found = smaps_rollup.find(key);
  if (found == std::string_view::npos) return 0;
  std::string_view rest = smaps_rollup.substr(found + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return base::take_number<std::int64_t>(rest).value_or(0);
}

std::string read_proc_file(pid_t pid, const char* name) {
  const std::string path = "/proc/" + std::to_string(pid) + '/' + name;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() ? base::read_to_end(file.get()) : std::string();
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
    const std::string smaps = read_proc_file(pid, "smaps_rollup");
    usage.pss_kb += static_cast<std::uint64_t>(smaps_field_kb(smaps, "Pss"));
    if (const auto stat = parse_stat(read_proc_file(pid, "stat"))) {
      usage.minor_faults += stat->minor_faults + stat->reaped_minor_faults;
    }
  }
  return usage;
}

// A stopped process starts no other one: once a look finds none that runs, all are stopped.
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

void kill_group(pid_t leader) {
  ::kill(-leader, SIGKILL);
  ::kill(leader, SIGKILL);
}

void kill_tree(pid_t root) {
  for (const pid_t pid : stop_tree(root)) ::kill(pid, SIGKILL);
}

// Orphans are reaped by somebody else; their pidfds show the end all the same.
void end_tree(Process& root) {
  std::vector<Fd> orphans;
  // Of a tree that stands still, so that none is missing that was forked a moment ago.
  for (const pid_t pid : stop_tree(root.pid())) {
    Fd pidfd = base::open_pidfd(pid);
    if (pidfd.valid()) orphans.push_back(std::move(pidfd));
    ::kill(pid, SIGKILL);
  }
  const base::Deadline deadline = std::chrono::steady_clock::now() + kEndTimeout;
  root.wait(deadline);
  for (const Fd& orphan : orphans) base::wait_readable(orphan.get(), deadline);
}

}  // namespace phork::process
