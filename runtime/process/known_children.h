// SPDX-License-Identifier: MIT
//
// A process ends with its parent, and a parent ends what its children have left behind: background
// programs that lost their own parent come to it as their subreaper, and nothing of an event
// outlives it.
// https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <sys/types.h>

namespace phork::process {

// From here on, orphans below this process become its children.
void adopt_orphans();

// In a process that `parent` has just forked: SIGKILL comes when `parent` ends, and at once if it
// has ended already.
void end_with_parent(pid_t parent);

// Marks a process and all that it starts from here on, also what leaves its session and its parent,
// as those of one of several owners that have no subreaper of their own. The mark is a soft limit
// that every process inherits and that only matters to real-time processes (RLIMIT_RTTIME, twelve
// days). False if `pid` may not be marked.
bool set_owner(pid_t pid, unsigned owner);
std::optional<unsigned> owner_of(pid_t pid);

// A child is running, or has not been reaped.
bool has_children();

// Children of this process that somebody waits for, and those that may become its children. There
// is one table per process, as there is one list of children per process; safe to use from all
// threads.
class KnownChildren {
 public:
  static KnownChildren& of_this_process();

  // Held around the start of a child, so that it is never seen before it is known.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  void add(const std::unique_lock<std::mutex>& held, pid_t pid);
  void remove(pid_t pid);

  using Spares = std::function<bool(pid_t)>;

  // Kills and reaps every child that is not known, and all that these leave behind, again and again
  // until none is left: one that forks and exits in a loop is caught in the middle of a fork. False
  // if one is left that `spares` is not true for. The log names a process that may not be killed,
  // as it belongs to another user, or that does not end in two seconds; it is not waited for again.
  bool end_strays(const Spares& spares = nullptr);
  // All but those that another owner has left.
  bool end_strays_of(unsigned owner);

 private:
  std::set<pid_t> strays(const Spares& spares);
  void give_up(pid_t stray, int error);

  std::mutex mutex_;
  // A pid can be in it twice for a moment: it is free for use before its last owner removes it.
  std::multiset<pid_t> pids_;

  // Held while strays are ended: another thread could reap one, whose pid would be free then.
  std::mutex ending_;
  std::set<pid_t> given_up_;  // not reaped, so the pids are still theirs
};

}  // namespace phork::process
