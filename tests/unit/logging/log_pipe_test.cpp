// SPDX-License-Identifier: MIT
#include "runtime/logging/log_pipe.h"

//
// Frames in Lambda's log pipe, byte for byte.

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/unit/logging/log_harness.h"

namespace phork::logging {
namespace {

using base::LogFormat;
using base::LogLevel;
using testing::LogHarness;
using testing::Source;

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.append({kDigits[byte >> 4U], kDigits[byte & 0xFU]});
  }
  return text;
}

std::string take(const base::Fd& pipe) {
  std::string bytes(1U << 16U, '\0');
  const ssize_t got = ::read(pipe.get(), bytes.data(), bytes.size());
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

// 1738326896789012 microseconds.
const std::string kTime = "00062cffc52fc614";

struct Framed {
  explicit Framed(LogFormat format)
      : pipe(base::open_pipe().value()), log(format, LogLevel::kTrace, std::move(pipe.second)) {}

  base::FdPair pipe;
  LogHarness log;
};

}  // namespace

TEST_SUITE("log frames") {
  TEST_CASE("the head has type with level, length and microseconds, all big-endian") {
    const auto head = [](LogFormat format, LogLevel level) {
      const LogFrameHead bytes = log_frame_head(format, level, 0x01020304, testing::fixed_time());
      return hex({bytes.data(), bytes.size()});
    };
    const std::string rest = "01020304" + kTime;
    CHECK(head(LogFormat::kText, LogLevel::kTrace) == "a55a0007" + rest);
    CHECK(head(LogFormat::kText, LogLevel::kDebug) == "a55a000b" + rest);
    CHECK(head(LogFormat::kText, LogLevel::kInfo) == "a55a000f" + rest);
    CHECK(head(LogFormat::kText, LogLevel::kWarn) == "a55a0013" + rest);
    CHECK(head(LogFormat::kText, LogLevel::kError) == "a55a0017" + rest);
    CHECK(head(LogFormat::kText, LogLevel::kFatal) == "a55a001b" + rest);
    CHECK(head(LogFormat::kJson, LogLevel::kInfo) == "a55a000e" + rest);
    CHECK(head(LogFormat::kJson, LogLevel::kError) == "a55a0016" + rest);
  }

  TEST_CASE(
      "a message of several lines is one frame with its newlines, and the streams stay empty") {
    Framed framed(LogFormat::kText);
    framed.log.log(Source::kPhpError, "PHP Fatal error:  Uncaught E\rStack trace:\r#0 {main}");
    const std::string message =
        "2025-01-31T12:34:56.789Z\tr-1\tERROR\tPHP Fatal error:  Uncaught E\nStack trace:\n#0 "
        "{main}";
    CHECK(message.size() == 0x56);
    const std::string frame = take(framed.pipe.first);
    CHECK(hex(frame.substr(0, 16)) ==
          "a55a0017"
          "00000056" +
              kTime);
    CHECK(frame.substr(16) == message);
    CHECK(framed.log.error.take().empty());
    CHECK(framed.log.output.take().empty());
  }

  TEST_CASE("JSON records and metrics are JSON frames, even when records are text") {
    Framed json(LogFormat::kJson);
    json.log.log(Source::kPhpOutput, "x");
    const std::string frame = take(json.pipe.first);
    CHECK(hex(frame.substr(0, 4)) == "a55a000e");
    CHECK(frame.substr(16) == R"({"timestamp":"2025-01-31T12:34:56.789Z","level":"INFO",)"
                              R"("requestId":"r-1","message":"x"})");

    Framed text(LogFormat::kText);
    text.log.log(Source::kMetrics, R"({"phork":"event"})");
    CHECK(hex(take(text.pipe.first)) ==
          "a55a000e"
          "00000011" +
              kTime + hex(R"({"phork":"event"})"));
  }

  TEST_CASE("after the pipe breaks, that record and the next ones are lines") {
    // As the programs do.
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    Framed framed(LogFormat::kText);
    framed.pipe.first.reset();
    framed.log.log(Source::kPhpError, "a\rb");
    framed.log.log(Source::kPhpOutput, "c");
    std::signal(SIGPIPE, before);
    CHECK(framed.log.error.take() ==
          "2025-01-31T12:34:56.789Z\t-\tWARN\tlogging: write to Lambda's log pipe: base: write: "
          "Broken pipe; standard error from now on\n"
          "2025-01-31T12:34:56.789Z\tr-1\tINFO\ta\rb\n");
    CHECK(framed.log.output.take() == "2025-01-31T12:34:56.789Z\tr-1\tINFO\tc\n");
  }
}

TEST_SUITE("log descriptor") {
  constexpr const char* kVariable = "_LAMBDA_TELEMETRY_LOG_FD";

  TEST_CASE("taking the descriptor removes the variable and sets close-on-exec") {
    base::Fd inherited(::fcntl(STDERR_FILENO, F_DUPFD, 0));  // NOLINT(android-cloexec-fcntl)
    const int raw = inherited.release();
    ::setenv(kVariable, std::to_string(raw).c_str(), 1);
    const base::Fd taken = take_log_descriptor();
    CHECK(taken.get() == raw);
    CHECK((::fcntl(raw, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(std::getenv(kVariable) == nullptr);
    CHECK_FALSE(take_log_descriptor().valid());
  }

  TEST_CASE("a number without an open descriptor is ignored") {
    for (const char* value : {"", "x", "3x", "-1", "2", "999999", "99999999999999999999"}) {
      CAPTURE(value);
      ::setenv(kVariable, value, 1);
      CHECK_FALSE(take_log_descriptor().valid());
      CHECK(std::getenv(kVariable) == nullptr);
    }
    CHECK((::fcntl(STDERR_FILENO, F_GETFD) & FD_CLOEXEC) == 0);
  }
}

}  // namespace phork::logging
