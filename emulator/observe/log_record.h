// SPDX-License-Identifier: MIT
//
// One record of a function's log, read back from the line that the runtime has written, in Lambda's
// text format or its JSON format (docs/logs.md). Pure.
#pragma once

#include <string>
#include <string_view>

namespace phork::emulator {

struct LogRecord {
  std::string request_id;  // empty outside of an event, and for a line that names none
  std::string level;       // "WARN"; empty for a line that is no record
  std::string text;        // may have several lines
  // Where PHP says that it happened; empty and 0 where it says nothing. Not repeated in `text`.
  std::string file{};
  unsigned line = 0;
};

// Any line: one that is no record becomes the text of one.
LogRecord read_log_line(std::string_view line);

}  // namespace phork::emulator
