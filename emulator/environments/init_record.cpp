// SPDX-License-Identifier: MIT
#include "emulator/environments/init_record.h"

#include <utility>

namespace phork::emulator {

void InitRecord::begin(InitPhase phase) {
  const std::lock_guard lock(mutex_);
  view_ = View();
  view_.phase = phase;
  view_.started = Clock::now();
  view_.deadline =
      view_.started + (phase == InitPhase::kInit ? config_.init_timeout : config_.timeout);
  duration_.reset();
}

Microseconds InitRecord::complete() {
  const std::lock_guard lock(mutex_);
  const auto duration = std::chrono::duration_cast<Microseconds>(Clock::now() - view_.started);
  view_.complete = true;
  // One that is done inside an event is part of that event's own duration.
  if (view_.phase == InitPhase::kInit) duration_ = duration;
  return duration;
}

void InitRecord::fail(const std::string& body) {
  InitFailure failure = InitFailure::posted(body);
  const std::lock_guard lock(mutex_);
  view_.posted = std::move(failure);
}

InitRecord::View InitRecord::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

std::optional<Microseconds> InitRecord::take_duration() {
  const std::lock_guard lock(mutex_);
  return std::exchange(duration_, std::nullopt);
}

}  // namespace phork::emulator
