// SPDX-License-Identifier: MIT
#include "php-worker/sapi/event_log.h"

#include <algorithm>

namespace phork::sapi {
namespace {

using base::LogRecord;

// The same limit as for a line of a worker (process/line_reader.cpp).
constexpr std::size_t kLongestLine = std::size_t{256} << 10U;

EventLog*& current() {
  static EventLog* log = nullptr;
  return log;
}

}  // namespace

EventLog* current_log() {
  return current();
}

EventLog::EventLog() {
  current() = this;
}

EventLog::EventLog(const event::Invocation& invocation)
    : request_id_(invocation.request_id), tenant_id_(invocation.tenant_id) {
  current() = this;
}

EventLog::~EventLog() {
  flush();
  current() = nullptr;
}

void EventLog::flush() {
  if (!pending_.empty()) log_line(pending_);
  pending_.clear();
}

void EventLog::output(std::string_view text) {
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
       text.remove_prefix(end + 1)) {
    if (pending_.empty()) {
      log_line(text.substr(0, end));
    } else {
      log_line(pending_.append(text.substr(0, end)));
      pending_.clear();
    }
  }
  while (pending_.size() + text.size() > kLongestLine) {
    const std::size_t room = kLongestLine - pending_.size();
    log_line(pending_.append(text.substr(0, room)));
    pending_.clear();
    text.remove_prefix(room);
  }
  pending_.append(text);
}

LogRecord EventLog::record(LogRecord::Source source, std::string_view text) const {
  LogRecord record;
  record.source = source;
  record.request_id = request_id_;
  record.tenant_id = tenant_id_;
  record.text = text;
  return record;
}

void EventLog::log_line(std::string_view line) const {
  base::log(record(LogRecord::Source::kPhpOutput, line));
}

}  // namespace phork::sapi
