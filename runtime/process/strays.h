// SPDX-License-Identifier: MIT
//
// Processes that nobody waits for any more: background programs that PHP started and that left
// their process group. As a subreaper this process adopts them, and ends them between events, so
// that nothing of an event outlives it.
// https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
#pragma once

#include <mutex>
#include <set>
#include <sys/types.h>

namespace phork::process {

// From here on, orphans below this process become its children.
void adopt_orphans();

// Children of this process that somebody does wait for, and those that may become its children.
// There is one table per process, as there is one list of children per process; safe to use from
// all threads.
class KnownChildren {
 public:
  static KnownChildren& of_this_process();

  // Held around the start of a child, so that it is never seen before it is known.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  void add(const std::unique_lock<std::mutex>& held, pid_t pid);
  void remove(pid_t pid);

  // Kills and reaps every child that is not known. Returns how many there were.
  int end_strays();

 private:
  std::mutex mutex_;
  // A pid can be in it twice for a moment: it is free for use before its last owner removes it.
  std::multiset<pid_t> pids_;
};

}  // namespace phork::process
