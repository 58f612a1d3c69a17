// SPDX-License-Identifier: MIT
//
// The entry point for everything that is logged: the runtime's own lines and PHP's. Any module
// may log, on any thread; the sink that `main` installs formats the records (logging/log_writer.h).
// The runtime's own records never hold a payload, a header or the value of an environment variable.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::event {
struct Failure;
}

namespace phork::base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kFatal };

// The value of AWS_LAMBDA_LOG_FORMAT.
enum class LogFormat { kText, kJson };

// "info"
std::string_view log_level_name(LogLevel level);

// One record on its way. Views are borrowed for the call.
struct LogRecord {
  // The runtime, or PHP on one of its streams. A line of metrics is passed on as it is.
  enum class Source : std::uint8_t { kRuntime, kPhpOutput, kPhpError, kMetrics };

  Source source = Source::kRuntime;
  LogLevel level = LogLevel::kInfo;  // of the runtime's records; PHP's is found in its text
  std::string_view request_id;       // "" outside of an event
  std::string_view tenant_id;
  // Inner line ends, LF or CR, belong to the record; one at its end does not.
  std::string_view text;
  const event::Failure* failure = nullptr;  // that the text is about
};

// `text` without the line ends behind it.
std::string_view without_line_end(std::string_view text);

class LogSink : private Pinned {
 public:
  LogSink() = default;
  virtual ~LogSink() = default;

  // Called by any thread. A record that cannot be written has nowhere to be reported.
  virtual void write(const LogRecord& record) = 0;
};

// Sends records to `sink` for as long as this object lives. It must outlive all other threads.
//
// Without a sink, records are plain lines, PHP's as they are and the runtime's as "phork <level>:
// <text>" without those below kInfo; inner line ends become CR, so that each stays one line. These
// serve lines before settings are known, and PHP's own processes, whose lines the supervisor turns
// into records.
class InstalledLogSink : private Pinned {
 public:
  explicit InstalledLogSink(LogSink& sink);
  ~InstalledLogSink();
};

void log(const LogRecord& record);

// As lines of text on this process's own streams, which is what log() does without a sink.
void write_plain(const LogRecord& record);

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
