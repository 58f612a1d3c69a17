// SPDX-License-Identifier: MIT
#include "runtime/process/known_children.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/result.h"
#include "runtime/base/text.h"
#include "runtime/process/process_tree.h"

namespace phork::process {
namespace {

using base::Fd;
using std::chrono::steady_clock;

// For all strays together. A process that is not dead then is one that the kernel holds on to, or
// one of a herd that forks faster than we kill.
constexpr std::chrono::seconds kEndTimeout{2};
// Between two looks at a process that has no pidfd, as there was no descriptor left.
constexpr std::chrono::milliseconds kPause{1};

// In microseconds; a limit that nobody else sets.
constexpr rlim_t kFirstOwner = rlim_t{1} << 40;
constexpr rlim_t kMostOwners = 1U << 20;

// Of the process `pid`, "self" for this one.
std::vector<pid_t> children_of(const std::string& pid) {
  std::vector<pid_t> pids;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task", error)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) pids.push_back(child);
  }
  return pids;
}

bool is_child_of(pid_t pid, pid_t parent) {
  const auto stat = parse_stat(read_proc_file(pid, "stat"));
  return stat && stat->parent == parent;
}

// The children of a stray are killed before it: the one that a chain of forks has come to is young,
// and its parent about to exit. A pidfd, as their pids are not ours to keep from being used again.
void kill_children_of(pid_t stray) {
  for (const pid_t child : children_of(std::to_string(stray))) {
    const Fd pidfd = base::open_pidfd(child);
    if (pidfd.valid() && is_child_of(child, stray)) {
      ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
    }
  }
}

// False when it has not ended by `deadline`.
bool reap(pid_t stray, base::Deadline deadline) {
  const Fd pidfd = base::open_pidfd(stray);
  for (;;) {
    if (pidfd.valid()) base::wait_readable(pidfd.get(), deadline);
    const pid_t reaped = ::waitpid(stray, nullptr, WNOHANG);
    if (reaped == stray || (reaped == -1 && errno == ECHILD)) return true;
    const auto now = steady_clock::now();
    if (now >= deadline) return false;
    if (!pidfd.valid()) base::poll_until({}, now + kPause);
  }
}

}  // namespace

void adopt_orphans() {
  base::check(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "process: adopt orphans");
}

void end_with_parent(pid_t parent) {
  base::check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "process: end with the parent");
  if (::getppid() != parent) ::kill(::getpid(), SIGKILL);
}

bool set_owner(pid_t pid, unsigned owner) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_RTTIME, nullptr, &limit) == -1) return false;
  limit.rlim_cur = kFirstOwner + owner;
  return limit.rlim_cur <= limit.rlim_max && ::prlimit(pid, RLIMIT_RTTIME, &limit, nullptr) == 0;
}

std::optional<unsigned> owner_of(pid_t pid) {
  rlimit limit{};
  if (::prlimit(pid, RLIMIT_RTTIME, nullptr, &limit) == -1) return std::nullopt;
  if (limit.rlim_cur < kFirstOwner || limit.rlim_cur - kFirstOwner > kMostOwners) {
    return std::nullopt;
  }
  return static_cast<unsigned>(limit.rlim_cur - kFirstOwner);
}

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
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

bool KnownChildren::end_strays(const Spares& spares) {
  const std::lock_guard one_at_a_time(ending_);
  std::erase_if(given_up_, [](pid_t pid) { return reap(pid, {}); });
  const base::Deadline deadline = steady_clock::now() + kEndTimeout;
  for (auto left = strays(spares); !left.empty(); left = strays(spares)) {
    for (const pid_t stray : left) {
      kill_children_of(stray);
      if (::kill(stray, SIGKILL) == -1) {
        give_up(stray, errno);
      } else if (!reap(stray, deadline)) {
        give_up(stray, ETIMEDOUT);
      }
    }
    if (steady_clock::now() < deadline) continue;
    base::log_warn("process: end background programs: new ones come as fast as they are killed");
    return false;
  }
  return given_up_.empty();
}

bool KnownChildren::end_strays_of(unsigned owner) {
  return end_strays([owner](pid_t pid) {
    const auto other = owner_of(pid);
    return other && *other != owner;
  });
}

std::set<pid_t> KnownChildren::strays(const Spares& spares) {
  std::set<pid_t> found;
  {
    const std::lock_guard lock(mutex_);
    for (const pid_t pid : children_of("self")) {
      if (!pids_.contains(pid) && !given_up_.contains(pid)) found.insert(pid);
    }
  }
  if (spares) std::erase_if(found, spares);
  return found;
}

void KnownChildren::give_up(pid_t stray, int error) {
  given_up_.insert(stray);
  const std::string name(base::trim(read_proc_file(stray, "comm"), "\n"));
  base::log_warn("process: end background program '" + name + "' (process " +
                 std::to_string(stray) + "): " +
                 (error == ETIMEDOUT ? std::string("it has not ended after SIGKILL")
                                     : base::system_error("kill", error).text) +
                 "; it is left to itself");
}

}  // namespace phork::process
