// SPDX-License-Identifier: MIT
#include "runtime/base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <unistd.h>

#include "runtime/base/io.h"

namespace phork::base {
namespace {

constexpr std::array<std::string_view, 6> kNames{"trace", "debug", "info",
                                                 "warn",  "error", "fatal"};
static_assert(kNames.size() == static_cast<std::size_t>(LogLevel::kFatal) + 1);

// Null: plain lines. A process has one log, as it has one standard error.
std::atomic<LogSink*> current_sink{nullptr};
// A pipe may take a long line in parts, with those of other threads between them.
std::mutex plain_mutex;

bool to_standard_output(LogRecord::Source source) {
  return source == LogRecord::Source::kPhpOutput || source == LogRecord::Source::kMetrics;
}

}  // namespace

void write_plain(const LogRecord& record) {
  std::string line;
  if (record.source == LogRecord::Source::kRuntime) {
    if (record.level < LogLevel::kInfo) return;
    line.append("phork ").append(log_level_name(record.level)).append(": ");
  }
  line.append(without_line_end(record.text));
  std::ranges::replace(line, '\n', '\r');
  line.push_back('\n');
  std::array<iovec, 1> parts{as_iovec(line)};
  const int fd = to_standard_output(record.source) ? STDOUT_FILENO : STDERR_FILENO;
  const std::lock_guard lock(plain_mutex);
  [[maybe_unused]] const Status written = write_all(fd, parts);
}

std::string_view log_level_name(LogLevel level) {
  return kNames.at(static_cast<std::size_t>(level));
}

std::string_view without_line_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of("\r\n") + 1);
}

InstalledLogSink::InstalledLogSink(LogSink& sink) {
  current_sink = &sink;
}

InstalledLogSink::~InstalledLogSink() {
  current_sink = nullptr;
}

void log(const LogRecord& record) {
  if (LogSink* const sink = current_sink) {
    sink->write(record);
  } else {
    write_plain(record);
  }
}

void log(LogLevel level, std::string_view text) {
  LogRecord record;
  record.level = level;
  record.text = text;
  log(record);
}

}  // namespace phork::base
