// SPDX-License-Identifier: MIT
#include "runtime/base/log.h"

#include <array>
#include <atomic>
#include <string>
#include <unistd.h>

namespace phork::base {
namespace {

std::atomic<LogLevel> threshold{LogLevel::kInfo};

constexpr std::array<std::string_view, 6> kNames{"trace", "debug", "info",
                                                 "warn",  "error", "fatal"};
static_assert(kNames.size() == static_cast<std::size_t>(LogLevel::kFatal) + 1);

}  // namespace

std::string_view log_level_name(LogLevel level) {
  return kNames.at(static_cast<std::size_t>(level));
}

void set_log_threshold(LogLevel level) {
  threshold = level;
}

void log(LogLevel level, std::string_view text) {
  if (level < threshold) return;
  std::string line = "phork ";
  line.append(log_level_name(level)).append(": ").append(text).push_back('\n');
  // A log that cannot be written has nowhere to be reported.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace phork::base
