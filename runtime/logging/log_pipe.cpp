// SPDX-License-Identifier: MIT
#include "runtime/logging/log_pipe.h"

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::logging {
namespace {

constexpr const char* kVariable = "_LAMBDA_TELEMETRY_LOG_FD";

constexpr std::uint32_t kJson = 0xA55A0002;
constexpr std::uint32_t kText = 0xA55A0003;

// TRACE 4, DEBUG 8, INFO 12, WARN 16, ERROR 20, FATAL 24: bits that neither type uses.
constexpr std::uint32_t level_bits(base::LogLevel level) {
  return (static_cast<std::uint32_t>(level) + 1) << 2U;
}

char* put_big_endian(char* at, std::uint32_t value) {
  for (unsigned shift = 32; shift > 0; ++at) {
    shift -= 8;
    *at = static_cast<char>(value >> shift & 0xFFU);
  }
  return at;
}

}  // namespace

base::Fd take_log_descriptor() {
  const std::string text = base::variable(kVariable);
  ::unsetenv(kVariable);
  const int raw = base::parse_number<int>(text).value_or(-1);
  // The standard streams are for children too. A number that is no open descriptor is ignored.
  if (raw <= STDERR_FILENO || ::fcntl(raw, F_SETFD, FD_CLOEXEC) == -1) return base::Fd();
  return base::Fd(raw);
}

LogFrameHead log_frame_head(base::LogFormat format, base::LogLevel level, std::uint32_t bytes,
                            std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto us =
      static_cast<std::uint64_t>(duration_cast<microseconds>(time.time_since_epoch()).count());
  LogFrameHead head{};
  const std::uint32_t type = format == base::LogFormat::kJson ? kJson : kText;
  char* at = put_big_endian(head.data(), type | level_bits(level));
  at = put_big_endian(at, bytes);
  at = put_big_endian(at, static_cast<std::uint32_t>(us >> 32U));
  put_big_endian(at, static_cast<std::uint32_t>(us));
  return head;
}

}  // namespace phork::logging
