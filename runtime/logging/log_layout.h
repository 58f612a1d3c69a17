// SPDX-License-Identifier: MIT
//
// The text of a record, in the format that AWS_LAMBDA_LOG_FORMAT asks for:
//
//   text  2025-01-31T12:00:00.123Z<tab>request id, or -<tab>LEVEL<tab>message
//   JSON  {"timestamp":..,"level":..,"requestId":..,"tenantId":..,"message":..}
//
// as Lambda's own runtimes write them. In JSON, a PHP line that is already a JSON object is not
// wrapped in `message`: its keys become the record's. Metrics are left as they are. One thread at a
// time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/log.h"
#include "runtime/logging/log_content.h"

namespace phork::logging {

// A record and what was found out about it.
struct LogEntry {
  const base::LogRecord& record;
  std::string_view text;  // of the record, without the line end behind it
  std::optional<LogObject> object;
  base::LogLevel level = base::LogLevel::kInfo;
  std::chrono::system_clock::time_point time;

  bool is_metrics() const {
    return record.source == base::LogRecord::Source::kMetrics || (object && object->is_metrics);
  }
};

// Two pieces, so that a long message is not copied.
struct LogMessage {
  base::LogFormat format = base::LogFormat::kText;
  std::string_view head;
  std::string_view body;

  std::size_t bytes() const { return head.size() + body.size(); }
};

// Times as log records carry them.
class LogTime {
 public:
  using WallTime = std::chrono::system_clock::time_point;

  // "2025-01-31T12:00:00.123Z", valid until the next call. Formats each second once.
  std::string_view iso8601(WallTime time);

 private:
  void format_second(std::time_t second);

  std::time_t second_ = -1;
  std::array<char, sizeof "2025-01-31T12:00:00.123Z"> text_{};
};

class LogLayout {
 public:
  explicit LogLayout(base::LogFormat format) : format_(format) {}

  // Valid until the next call. In text, `line_end` stands between the lines of a message.
  LogMessage lay_out(const LogEntry& entry, char line_end);

 private:
  LogMessage lay_out_text(const LogEntry& entry, char line_end);
  LogMessage lay_out_json(const LogEntry& entry);
  std::string_view with_line_ends(std::string_view text, char line_end);

  const base::LogFormat format_;
  LogTime time_;
  std::string head_;
  std::string body_;
};

}  // namespace phork::logging
