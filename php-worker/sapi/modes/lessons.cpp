// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/lessons.h"

#include "runtime/base/log.h"

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
  // Not before the first child, for whose event somebody may wait; children that live share it.
  if (heap_ == EventHeap::kApart && has_forked_ && !has_gathered_ && !asked()) {
    has_gathered_ = true;
    base::log_info("php-worker: zygote: " + gather_opcache());
  }
  if (classes_.take_over(asked)) arrange_again();
  pages_->take_over();
}

// Loading has filled the chunk that was kept for events, and has mapped memory.
void Lessons::arrange_again() {
  if (heap_ == EventHeap::kApart) arrange_heap_again();
  pages_->look_again();
}

}  // namespace phork::sapi
