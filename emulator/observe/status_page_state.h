// SPDX-License-Identifier: MIT
//
// What the page at /_phork reads, as JSON. Durations are whole microseconds, points in time
// milliseconds of the Unix epoch, what is not known null. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "emulator/event/function_config.h"
#include "emulator/observe/activity.h"

namespace phork::emulator {

// Log lines are shown up to here; the rest is counted in "cut_bytes".
inline constexpr std::size_t kMostLineBytes = 4096;

struct StateTimes {
  std::chrono::system_clock::time_point started;  // tells one emulator from the next one
  std::chrono::system_clock::time_point now;
};

std::string write_state(const FunctionConfig& config, const ActivitySnapshot& snapshot,
                        const StateTimes& times);

}  // namespace phork::emulator
