// SPDX-License-Identifier: MIT
#include "runtime/logging/log_descriptor.h"

#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace phork::logging {
namespace {

constexpr const char* kVariable = "_LAMBDA_TELEMETRY_LOG_FD";

}  // namespace

base::Fd take_log_descriptor() {
  const char* const value = std::getenv(kVariable);
  const std::string text = value == nullptr ? "" : value;
  ::unsetenv(kVariable);
  int raw = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), raw);
  if (code != std::errc{} || end != text.data() + text.size()) return base::Fd();
  // The standard streams are for children too. What is no descriptor is not taken either.
  if (raw <= STDERR_FILENO || ::fcntl(raw, F_SETFD, FD_CLOEXEC) == -1) return base::Fd();
  return base::Fd(raw);
}

void hand_on_log_descriptor(int raw) {
  if (raw < 0 || ::fcntl(raw, F_SETFD, 0) == -1) return;
  ::setenv(kVariable, std::to_string(raw).c_str(), 1);
}

}  // namespace phork::logging
