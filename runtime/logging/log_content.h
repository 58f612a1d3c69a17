// SPDX-License-Identifier: MIT
//
// Level and fields of a log text. PHP's streams carry no level: it stands in the text, in the words
// of the engine, of Monolog's line format or of Symfony's logger, or in a field of a line that is a
// JSON object, as Monolog's JsonFormatter writes it.
#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include "runtime/base/log.h"

namespace phork::logging {

// "INFO", as in Lambda's records.
std::string_view level_word(base::LogLevel level);

// The level that a word means to Lambda, PSR-3 or Monolog, in any case: "notice" is kInfo,
// "critical" is kFatal.
std::optional<base::LogLevel> level_named(std::string_view word);

// The level that a line announces, behind a date or not; kInfo where it announces none.
//   PHP Warning:  Undefined variable $x in ...
//   [2025-01-31T12:00:00.000000+00:00] app.ERROR: out of tea [] []
//   2025-01-31T12:00:00+00:00 [critical] out of tea
base::LogLevel level_of_line(std::string_view line);

// A line that is a JSON object by itself, so that a record can be made of it with its own keys
// kept.
struct LogObject {
  // The text between its braces, borrowed from the line; blank where the object is empty.
  std::string_view fields;
  base::LogLevel level = base::LogLevel::kInfo;
  bool has_timestamp = false;
  bool has_level = false;
  bool has_request_id = false;
  bool has_tenant_id = false;
  // CloudWatch's embedded metric format, which is read only where nothing stands around it.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
  bool is_metrics = false;
};

// Keeps its memory from line to line. One thread at a time.
class LogObjectReader {
 public:
  // Empty where the line is anything but one object, in valid UTF-8.
  std::optional<LogObject> read(std::string_view line);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace phork::logging
