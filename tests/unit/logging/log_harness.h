// SPDX-License-Identifier: MIT
//
// A log writer under test. Its streams are files in memory, and its clock stands still.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/logging/log_writer.h"

namespace phork::testing {

using Source = base::LogRecord::Source;

// 2025-01-31T12:34:56.789012Z
inline std::chrono::system_clock::time_point fixed_time() {
  using namespace std::chrono;
  return sys_days(2025y / January / 31) + 12h + 34min + 56s + 789'012us;
}

class MemoryFile {
 public:
  MemoryFile() : file_(base::check(::memfd_create("log", MFD_CLOEXEC), "make a file in memory")) {}

  int fd() const { return file_.get(); }

  // The text written since the last call.
  std::string take() {
    std::string text(static_cast<std::size_t>(::lseek(fd(), 0, SEEK_END)), '\0');
    const ssize_t got = ::pread(fd(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(base::check(static_cast<int>(got), "read a file")));
    base::check(::ftruncate(fd(), 0), "empty a file");
    ::lseek(fd(), 0, SEEK_SET);
    return text;
  }

 private:
  base::Fd file_;
};

class LogHarness {
 public:
  explicit LogHarness(base::LogFormat format, base::LogLevel level = base::LogLevel::kInfo,
                      base::Fd frames = base::Fd())
      : writer({format, level, std::move(frames), output.fd(), error.fd()}, fixed_time) {}

  void log(Source source, std::string_view text, std::string_view request_id = "r-1") {
    base::LogRecord record;
    record.source = source;
    record.request_id = request_id;
    record.text = text;
    writer.write(record);
  }

  void log_runtime(base::LogLevel level, std::string_view text, std::string_view request_id = "") {
    base::LogRecord record;
    record.level = level;
    record.request_id = request_id;
    record.text = text;
    writer.write(record);
  }

  // The one line written for `text` of PHP.
  std::string line_of(std::string_view text) {
    log(Source::kPhpError, text);
    return error.take();
  }

  MemoryFile output;
  MemoryFile error;
  logging::LogWriter writer;
};

}  // namespace phork::testing
