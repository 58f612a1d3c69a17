// SPDX-License-Identifier: MIT
//
// Times as log records carry them. One thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <ctime>
#include <string_view>

namespace phork::logging {

class LogTime {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  // "2025-01-31T12:00:00.123Z", valid until the next call. Only a new second is formatted anew.
  std::string_view iso8601(WallTime time);

 private:
  void format_second(std::time_t second);

  std::time_t second_ = -1;
  std::array<char, sizeof "2025-01-31T12:00:00.123Z"> text_{};
};

}  // namespace phork::logging
