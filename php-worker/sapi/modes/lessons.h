// SPDX-License-Identifier: MIT
//
// All that a zygote learns from its children: classes and patterns (class_learning.h) and pages
// (working_set.h). The zygote takes lessons over while no slot waits for a fork. It also hears from
// them when opcache, whose memory they share, can be restarted only in another zygote.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <sys/types.h>

#include "php-worker/sapi/learning/class_learning.h"
#include "php-worker/sapi/learning/shared_object.h"
#include "php-worker/sapi/memory/working_set.h"
#include "php-worker/sapi/memory/zygote_memory.h"
#include "php-worker/sapi/zygote/zygote.h"

namespace phork::sapi {

class Lessons final : public Chores {
 public:
  // In the zygote, before its seal, as it allocates.
  Lessons(base::Learn setting, EventHeap heap);

  // After the seal has arranged the memory.
  void begin() { pages_.emplace(); }

  // In a child, before user code runs.
  void watch() { classes_.watch(); }

  // In a child, before it says ready: takes the page faults that an event would take.
  void touch_pages() const { pages_->touch(); }

  // The same for pages of files: once in the life of a child.
  void populate_files() const { pages_->populate_files(); }

  // In a child, after its answer.
  void report(std::uint32_t minor_faults);

  // In a child that would serve another event, after report(): see ClassLearning::outgrown().
  bool outgrown() { return classes_.outgrown(); }

  // In the zygote, before it says ready: true when something was new. Bounded in time.
  bool take_over_now();
  // In the zygote, when code of the application has run after the seal.
  void arrange_again();
  // In the zygote, when it was taught before its first event.
  void settle();

  void before_fork() override;

  void work(const std::function<bool()>& asked) override;

  bool wants_successor() override;

  // One at a time: the copy that tries files, or the one that gathers opcache's memory.
  pid_t helper() const override;
  void helper_ended() override;

 private:
  // When the boot alone has filled opcache: a successor would fare no better.
  void give_up_caching();
  static constexpr pid_t kDone = -1;

  void start_gathering();

  const EventHeap heap_;
  ClassLearning classes_;
  std::optional<WorkingSet> pages_;
  SharedObject<std::atomic<bool>> cache_is_spent_;
  bool successor_helps_ = true;
  bool has_forked_ = false;
  pid_t gatherer_ = 0;  // kDone, too, where fork failed
};

}  // namespace phork::sapi
