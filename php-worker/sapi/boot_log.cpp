// SPDX-License-Identifier: MIT
#include "php-worker/sapi/boot_log.h"

#include <algorithm>

namespace phork::sapi {
namespace {

using base::LogRecord;

// The same limit as for a line of a worker (process/line_reader.cpp).
constexpr std::size_t kLongestLine = std::size_t{256} << 10U;

BootLog*& current() {
  static BootLog* log = nullptr;
  return log;
}

}  // namespace

BootLog* current_boot_log() {
  return current();
}

BootLog::BootLog() {
  current() = this;
}

BootLog::~BootLog() {
  if (!pending_.empty()) log_line(pending_);
  current() = nullptr;
}

void BootLog::output(std::string_view text) {
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

void BootLog::log_line(std::string_view line) {
  LogRecord record;
  record.source = LogRecord::Source::kPhpOutput;
  record.text = line;
  base::log(record);
}

}  // namespace phork::sapi
