// SPDX-License-Identifier: MIT
//
// The runtime's own log: one line, one write(2) to stderr, never a payload, header or environment
// value. Threads may log at the same time; lines do not mix. Whoever wants fields appends them to
// the text as key=value.
#pragma once

#include <string_view>

namespace phork::base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kFatal };

std::string_view log_level_name(LogLevel level);

// Lines below this level are dropped; kInfo at start. Set once, before threads exist.
void set_log_threshold(LogLevel level);

void log(LogLevel level, std::string_view text);

inline void log_info(std::string_view text) {
  log(LogLevel::kInfo, text);
}

inline void log_warn(std::string_view text) {
  log(LogLevel::kWarn, text);
}

inline void log_error(std::string_view text) {
  log(LogLevel::kError, text);
}

}  // namespace phork::base
