// SPDX-License-Identifier: MIT
//
// Where every line for the function's log sets out: the runtime's own, and what PHP writes. Rooms
// make records; the sink that `main` installs gives them their form (report/log_writer.h). Never a
// payload, header or environment value in a record of the runtime's. Any thread may log.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::event {
struct Failure;
}

namespace phork::base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kFatal };

// As AWS_LAMBDA_LOG_FORMAT asks.
enum class LogFormat { kText, kJson };

// "info"
std::string_view log_level_name(LogLevel level);

// One record on its way. Views are borrowed for the call.
struct LogRecord {
  // Who speaks: the runtime, or PHP on one of its streams. A line of metrics is passed on as it is.
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

// Makes `sink` the one that records go to for as long as this lives: longer than any other thread.
//
// Where there is none, records are plain lines, PHP's as they are and the runtime's as "phork
// <level>: <text>" without those below kInfo; inner line ends become CR, so that each stays one
// line. That is for what is said before settings are known, and for PHP's own processes, whose
// lines the supervisor reads and makes records of.
class InstalledLogSink : private Pinned {
 public:
  explicit InstalledLogSink(LogSink& sink);
  ~InstalledLogSink();
};

void log(const LogRecord& record);

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
