// SPDX-License-Identifier: MIT
//
// The parts of a program's start, for whoever asks where a cold start goes: one line of the log at
// level DEBUG, "php-worker: start: at 5321123456 us, PHP 25104 us, application 3211 us". The first
// number is the beginning on the monotonic clock, the others follow one another. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::base {

class StartClock : private Pinned {
 public:
  using Clock = std::chrono::steady_clock;

  // An object with static storage begins when the loader has done its part.
  explicit StartClock(const char* program) : program_(program), began_(Clock::now()) {}

  Clock::time_point began() const { return began_; }

  // Says what has been done since the part before.
  void end_part(std::string_view name);

  void log() const;

 private:
  const char* program_;
  Clock::time_point began_;
  Clock::time_point last_ = began_;
  std::string parts_;
};

}  // namespace phork::base
