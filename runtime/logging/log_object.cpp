// SPDX-License-Identifier: MIT
#include "runtime/logging/log_object.h"

#include "runtime/logging/log_level.h"

namespace phork::logging {
namespace {

namespace dom = simdjson::dom;
using base::LogLevel;

constexpr std::string_view kBlank = " \t\r\n";

// Monolog's scale: DEBUG 100, INFO 200, NOTICE 250, WARNING 300, ERROR 400, CRITICAL 500, ...
LogLevel level_of_number(std::int64_t number) {
  if (number >= 500) return LogLevel::kFatal;
  if (number >= 400) return LogLevel::kError;
  if (number >= 300) return LogLevel::kWarn;
  if (number == 100) return LogLevel::kDebug;
  return LogLevel::kInfo;
}

std::optional<LogLevel> level_of_value(const dom::element& value) {
  std::string_view word;
  if (value.get(word) == simdjson::SUCCESS) return level_named(word);
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) return level_of_number(number);
  return std::nullopt;
}

void look_at(const dom::key_value_pair& field, LogObject& object) {
  if (field.key == "level" || field.key == "level_name") {
    object.has_level = object.has_level || field.key == "level";
    object.level = level_of_value(field.value).value_or(object.level);
  }
  object.has_timestamp = object.has_timestamp || field.key == "timestamp";
  object.has_request_id = object.has_request_id || field.key == "requestId";
  object.has_tenant_id = object.has_tenant_id || field.key == "tenantId";
  object.is_metrics = object.is_metrics || field.key == "_aws";
}

}  // namespace

std::optional<LogObject> LogObjectReader::read(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlank);
  if (begin == std::string_view::npos || line[begin] != '{') return std::nullopt;
  const std::size_t end = line.find_last_not_of(kBlank);
  if (line[end] != '}') return std::nullopt;

  dom::object fields;
  if (parser_.parse(line.data() + begin, end + 1 - begin).get(fields) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  LogObject object;
  object.fields = line.substr(begin + 1, end - begin - 1);
  for (const dom::key_value_pair field : fields) look_at(field, object);
  return object;
}

}  // namespace phork::logging
