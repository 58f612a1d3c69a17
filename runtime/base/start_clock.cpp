// SPDX-License-Identifier: MIT
#include "runtime/base/start_clock.h"

#include "runtime/base/log.h"

namespace phork::base {
namespace {

std::string microseconds(std::chrono::steady_clock::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count()) +
         " us";
}

}  // namespace

void StartClock::end_part(std::string_view name) {
  const auto now = Clock::now();
  parts_.append(", ").append(name).append(" ").append(microseconds(now - last_));
  last_ = now;
}

void StartClock::log() const {
  base::log(LogLevel::kDebug, std::string(program_) + ": start: at " +
                                  microseconds(began_.time_since_epoch()) + parts_);
}

}  // namespace phork::base
