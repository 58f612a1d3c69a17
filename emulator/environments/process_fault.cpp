// SPDX-License-Identifier: MIT
#include "emulator/environments/process_fault.h"

#include <algorithm>
#include <csignal>
#include <system_error>

#include "runtime/process/process_tree.h"

namespace phork::emulator {

void ProcessFault::attach(pid_t root) {
  const std::lock_guard lock(mutex_);
  root_ = root;
}

void ProcessFault::detach(bool goes_on) {
  {
    const std::lock_guard lock(mutex_);
    root_ = 0;
    if (!goes_on) frozen_.clear();
    thaw();
    kill_at_ = Clock::time_point::max();
    changed_.notify_all();
  }
  if (later_.joinable()) later_.join();
}

void ProcessFault::inject(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  if (root_ == 0) return;
  const Clock::time_point then = Clock::now() + fault.duration;
  const bool at_once = fault.duration.count() == 0;
  if (fault.action == FaultAction::kKill) {
    if (at_once) process::kill_tree(root_);
    if (!at_once) kill_at_ = then;
  } else if (fault.action == FaultAction::kFreeze) {
    frozen_ = process::stop_tree(root_);
    thaw_at_ = then;
  } else if (fault.action == FaultAction::kTimeout && at_once) {
    frozen_ = process::stop_tree(root_);
    thaw_at_ = Clock::time_point::max();
  }
  try {
    if (!later_.joinable()) later_ = std::thread([this] { act_later(); });
  } catch (const std::system_error&) {
    thaw();  // nobody else would
  }
  changed_.notify_all();
}

void ProcessFault::act_later() {
  std::unique_lock lock(mutex_);
  while (root_ != 0) {
    const Clock::time_point now = Clock::now();
    if (now >= thaw_at_) thaw();
    if (now >= kill_at_) {
      process::kill_tree(root_);
      kill_at_ = Clock::time_point::max();
    }
    const Clock::time_point next = std::min(thaw_at_, kill_at_);
    // wait_until() overflows with time_point::max().
    if (next == Clock::time_point::max()) changed_.wait(lock);
    if (next != Clock::time_point::max()) changed_.wait_until(lock, next);
  }
}

// With mutex_ held.
void ProcessFault::thaw() {
  for (const pid_t pid : frozen_) ::kill(pid, SIGCONT);
  frozen_.clear();
  thaw_at_ = Clock::time_point::max();
}

}  // namespace phork::emulator
