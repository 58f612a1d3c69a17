// SPDX-License-Identifier: MIT
#include "runtime/process/process_tree.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/result.h"
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

std::vector<pid_t> children_of_this_process() {
  std::vector<pid_t> pids;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t pid = 0; children >> pid;) pids.push_back(pid);
  }
  return pids;
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
  root.wait();
  const base::Deadline deadline = std::chrono::steady_clock::now() + kEndTimeout;
  for (const Fd& orphan : orphans) base::wait_readable(orphan.get(), deadline);
}

void adopt_orphans() {
  base::check(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "process: adopt orphans");
}

KnownChildren& KnownChildren::of_this_process() {
  static KnownChildren known;
  return known;
}

void KnownChildren::add(const std::unique_lock<std::mutex>& /*held*/, pid_t pid) {
  pids_.insert(pid);
}

void KnownChildren::remove(pid_t pid) {
  const std::lock_guard lock(mutex_);
  if (const auto found = pids_.find(pid); found != pids_.end()) pids_.erase(found);
}

int KnownChildren::end_strays() {
  const std::lock_guard lock(mutex_);
  int ended = 0;
  for (const pid_t pid : children_of_this_process()) {
    if (pids_.contains(pid)) continue;
    ::kill(pid, SIGKILL);
    // Its own children come to us next, and are found the next time.
    if (::waitpid(pid, nullptr, 0) == pid) ++ended;
  }
  return ended;
}

}  // namespace phork::process
