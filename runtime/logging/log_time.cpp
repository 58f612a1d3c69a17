// SPDX-License-Identifier: MIT
#include "runtime/logging/log_time.h"

namespace phork::logging {
namespace {

constexpr std::size_t kMilliseconds = sizeof "2025-01-31T12:00:00." - 1;

}  // namespace

std::string_view LogTime::iso8601(WallTime time) {
  using namespace std::chrono;
  const auto ms = duration_cast<milliseconds>(time.time_since_epoch()).count();
  if (const std::time_t second = ms / 1000; second != second_) format_second(second);
  const auto fraction = static_cast<unsigned>(ms % 1000);
  text_[kMilliseconds] = static_cast<char>('0' + fraction / 100);
  text_[kMilliseconds + 1] = static_cast<char>('0' + fraction / 10 % 10);
  text_[kMilliseconds + 2] = static_cast<char>('0' + fraction % 10);
  return {text_.data(), text_.size() - 1};
}

void LogTime::format_second(std::time_t second) {
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::strftime(text_.data(), text_.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  second_ = second;
}

}  // namespace phork::logging
