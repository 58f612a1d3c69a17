// SPDX-License-Identifier: MIT
//
// Waiting for a condition, with a deadline instead of a guess.
#pragma once

#include <chrono>
#include <thread>

namespace phork::testing {

// Waits until `condition()` holds; false when it does not within `limit`.
template <typename Condition>
bool eventually(Condition&& condition, std::chrono::seconds limit = std::chrono::minutes(1)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace phork::testing
