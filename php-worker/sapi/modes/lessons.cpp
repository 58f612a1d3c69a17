// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/lessons.h"

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

void Lessons::work(const std::function<bool()>& asked) {
  if (classes_.take_over(asked)) arrange_again();
  pages_->take_over();
}

// Loading has filled the chunk that was kept for events, and has mapped memory.
void Lessons::arrange_again() {
  if (heap_ == EventHeap::kApart) arrange_heap_again();
  pages_->look_again();
}

}  // namespace phork::sapi
