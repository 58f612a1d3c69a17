// SPDX-License-Identifier: MIT
#include "runtime/process/strays.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <vector>

#include "runtime/base/result.h"

namespace phork::process {
namespace {

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
