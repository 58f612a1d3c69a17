// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/lessons.h"

#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/process/known_children.h"

namespace phork::sapi {

Lessons::Lessons(base::Learn setting, EventHeap heap)
    : heap_(heap), classes_(ClassLearning::Teacher::kEvents, setting) {}

void Lessons::report(std::uint32_t minor_faults) {
  pages_->learn(minor_faults);
  classes_.report();
}

bool Lessons::take_over_now() {
  const bool learned = classes_.take_over_now();
  if (learned) arrange_again();
  return pages_->take_over() || learned;
}

void Lessons::settle() {
  classes_.settle();
  pages_->settle();
}

void Lessons::before_fork() {
  pages_->take_over();
  has_forked_ = true;
}

void Lessons::work(const std::function<bool()>& asked) {
  if (gatherer_ == 0 && heap_ == EventHeap::kApart && has_forked_ && !asked()) start_gathering();
  if (gatherer_ > 0) return;
  if (classes_.take_over(asked)) arrange_again();
  pages_->take_over();
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
