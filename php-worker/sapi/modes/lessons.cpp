// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/lessons.h"

#include <csignal>
#include <unistd.h>

#include "php-worker/sapi/opcache.h"
#include "runtime/base/log.h"
#include "runtime/process/known_children.h"

namespace phork::sapi {

Lessons::Lessons(base::Learn setting, EventHeap heap)
    : heap_(heap), classes_(ClassLearning::Teacher::kEvents, setting) {
  if (opcache_awaits_restart()) give_up_caching();
}

void Lessons::report(std::uint32_t minor_faults) {
  pages_->learn(minor_faults);
  classes_.report();
  if (!opcache_awaits_restart() || !cache_is_spent_.available()) return;
  cache_is_spent_->store(true);
  // The zygote waits for this signal anyway. A child that serves many events does not end.
  ::kill(::getppid(), SIGCHLD);
}

bool Lessons::take_over_now() {
  const bool learned = classes_.take_over_now();
  if (learned) arrange_again();
  return pages_->take_over() || learned;
}

void Lessons::settle() {
  classes_.settle();
  pages_->settle();
  if (cache_is_spent_.available() && cache_is_spent_->exchange(false)) give_up_caching();
}

void Lessons::before_fork() {
  pages_->take_over();
  if (!has_forked_ && opcache_awaits_restart()) give_up_caching();
  has_forked_ = true;
}

void Lessons::work(const std::function<bool()>& asked) {
  if (gatherer_ == 0 && heap_ == EventHeap::kApart && has_forked_ && !asked()) start_gathering();
  if (gatherer_ > 0) return;
  if (classes_.take_over(asked)) arrange_again();
  pages_->take_over();
}

void Lessons::give_up_caching() {
  successor_helps_ = false;
  base::log_warn(
      "php-worker: zygote: opcache caches nothing, because the boot has filled it with code that "
      "changed; raise opcache.memory_consumption or opcache.max_accelerated_files");
}

// A child that is not to be trusted can ask for no more than it would get by opcache_reset().
bool Lessons::wants_successor() {
  if (!successor_helps_ || !cache_is_spent_.available() || !cache_is_spent_->exchange(false)) {
    return false;
  }
  base::log_info(
      "php-worker: zygote: opcache waits for its restart and caches nothing; another zygote boots, "
      "with a cache of its own");
  return true;
}

// In a copy, because it takes longer than a slot should wait for a fork. The memory is shared. Not
// before the first child, for whose event somebody may wait.
void Lessons::start_gathering() {
  if (classes_.copy() != 0) return;
  const pid_t own_pid = ::getpid();
  gatherer_ = ::fork();
  if (gatherer_ != 0) return;
  process::end_with_parent(own_pid);
  base::log(base::LogLevel::kDebug, "php-worker: zygote: " + gather_opcache());
  ::_exit(0);
}

pid_t Lessons::helper() const {
  return gatherer_ > 0 ? gatherer_ : classes_.copy();
}

void Lessons::helper_ended() {
  if (gatherer_ > 0) {
    gatherer_ = kDone;
  } else {
    classes_.copy_ended();
  }
}

// Loading has filled the chunk that was kept for events, and has mapped memory.
void Lessons::arrange_again() {
  if (heap_ == EventHeap::kApart) arrange_heap_again();
  pages_->look_again();
}

}  // namespace phork::sapi
