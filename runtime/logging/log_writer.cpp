// SPDX-License-Identifier: MIT
#include "runtime/logging/log_writer.h"

#include <array>
#include <string>
#include <utility>

#include "runtime/base/io.h"
#include "runtime/logging/log_content.h"
#include "runtime/logging/log_pipe.h"

namespace phork::logging {
namespace {

using base::LogFormat;
using base::LogRecord;

bool is_php(const LogRecord& record) {
  return record.source == LogRecord::Source::kPhpOutput ||
         record.source == LogRecord::Source::kPhpError;
}

}  // namespace

LogWriter::LogWriter(LogOptions options, Clock clock)
    : options_(std::move(options)), clock_(clock), layout_(options_.format) {}

void LogWriter::write(const LogRecord& record) {
  const std::lock_guard lock(mutex_);
  const LogEntry entry = examine(record);
  if (!wanted(entry)) return;
  if (!write_frame(entry)) write_line(entry);
}

LogEntry LogWriter::examine(const LogRecord& record) {
  LogEntry entry{record, base::without_line_end(record.text), {}, record.level, clock_()};
  if (is_php(record)) {
    entry.object = objects_.read(entry.text);
    entry.level = entry.object ? entry.object->level : level_of_line(entry.text);
  }
  return entry;
}

bool LogWriter::wanted(const LogEntry& entry) const {
  if (entry.is_metrics() || entry.level >= options_.level) return true;
  return is_php(entry.record) && options_.format == LogFormat::kText;
}

bool LogWriter::write_frame(const LogEntry& entry) {
  if (!options_.frames.valid()) return false;
  const LogMessage message = layout_.lay_out(entry, '\n');
  const LogFrameHead head = log_frame_head(message.format, entry.level,
                                           static_cast<std::uint32_t>(message.bytes()), entry.time);
  std::array<iovec, 3> parts{base::as_iovec({head.data(), head.size()}),
                             base::as_iovec(message.head), base::as_iovec(message.body)};
  const base::Status written = base::write_all(options_.frames.get(), parts);
  if (written) return true;
  options_.frames.reset();
  const std::string text = "logging: write to Lambda's log pipe: " + written.error().text +
                           "; standard error from now on";
  LogRecord note;
  note.text = text;
  write_line({note, note.text, {}, base::LogLevel::kWarn, entry.time});
  return false;
}

void LogWriter::write_line(const LogEntry& entry) {
  // CloudWatch shows a line with CR in it as one event of several lines.
  const LogMessage message = layout_.lay_out(entry, '\r');
  const bool output = entry.is_metrics() || entry.record.source == LogRecord::Source::kPhpOutput;
  std::array<iovec, 3> parts{base::as_iovec(message.head), base::as_iovec(message.body),
                             base::as_iovec("\n")};
  [[maybe_unused]] const base::Status written =
      base::write_all(output ? options_.standard_output : options_.standard_error, parts);
}

}  // namespace phork::logging
