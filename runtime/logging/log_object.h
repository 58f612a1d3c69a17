// SPDX-License-Identifier: MIT
//
// A line of PHP's that is a JSON object by itself, as Monolog's JsonFormatter writes it: what it
// says about itself, so that a record can be made of it with its own keys kept.
#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include "runtime/base/log.h"

namespace phork::logging {

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
