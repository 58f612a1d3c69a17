// SPDX-License-Identifier: MIT
#include "runtime/logging/log_content.h"

#include <algorithm>
#include <array>

#include "runtime/base/text.h"

namespace phork::logging {
namespace {

using base::LogLevel;

struct Name {
  std::string_view text;
  LogLevel level;
};

// https://www.php-fig.org/psr/psr-3/#5-psrlogloglevel and Lambda's own.
constexpr std::array kNames{
    Name{"trace", LogLevel::kTrace},     Name{"debug", LogLevel::kDebug},
    Name{"info", LogLevel::kInfo},       Name{"notice", LogLevel::kInfo},
    Name{"warn", LogLevel::kWarn},       Name{"warning", LogLevel::kWarn},
    Name{"error", LogLevel::kError},     Name{"critical", LogLevel::kFatal},
    Name{"alert", LogLevel::kFatal},     Name{"fatal", LogLevel::kFatal},
    Name{"emergency", LogLevel::kFatal},
};

// The engine puts these in front of a message: php_error_cb() in main/main.c. An uncaught exception
// ends its event and nothing else.
constexpr std::array kTitles{
    Name{"Fatal error:  Uncaught ", LogLevel::kError},
    Name{"Fatal error: Uncaught ", LogLevel::kError},
    Name{"Fatal error: ", LogLevel::kFatal},
    Name{"Recoverable fatal error: ", LogLevel::kError},
    Name{"Parse error: ", LogLevel::kFatal},
    Name{"Warning: ", LogLevel::kWarn},
    Name{"Notice: ", LogLevel::kInfo},
    Name{"Deprecated: ", LogLevel::kInfo},
    Name{"Strict Standards: ", LogLevel::kInfo},
    Name{"Uncaught ", LogLevel::kError},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_word(char c) {
  return is_upper(c) || is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.';
}

// Past "[<date>] " or "<date> ", as PHP, Monolog and Symfony begin a line.
std::string_view skip_date(std::string_view line) {
  constexpr std::size_t kLongestDate = 48;
  const bool bracketed = line.size() > 1 && line[0] == '[' && is_digit(line[1]);
  if (!bracketed && (line.empty() || !is_digit(line[0]))) return line;
  const std::size_t end = line.substr(0, kLongestDate).find(bracketed ? ']' : ' ');
  if (end == std::string_view::npos) return line;
  line.remove_prefix(end + 1);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

std::optional<LogLevel> level_of_title(std::string_view line) {
  if (line.starts_with("PHP ")) line.remove_prefix(4);
  const auto found = std::ranges::find_if(
      kTitles, [line](const Name& title) { return line.starts_with(title.text); });
  if (found == kTitles.end()) return std::nullopt;
  return found->level;
}

// "[error] text"
std::optional<LogLevel> level_in_brackets(std::string_view line) {
  const std::size_t end = line.substr(0, 16).find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return level_named(line.substr(1, end - 1));
}

// "app.ERROR: text", "ERROR: text"; in capitals, as "Error: " begins many an ordinary sentence.
std::optional<LogLevel> level_of_channel(std::string_view line) {
  const auto* const end = std::find_if_not(line.begin(), line.end(), is_word);
  if (end == line.end() || *end != ':') return std::nullopt;
  std::string_view word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  word.remove_prefix(word.rfind('.') + 1);  // npos + 1 is 0
  if (word.empty() || !std::all_of(word.begin(), word.end(), is_upper)) return std::nullopt;
  return level_named(word);
}

// A line that php-worker writes before it has its own log (base/log.h).
std::optional<LogLevel> level_of_runtime_line(std::string_view line) {
  constexpr std::string_view kOurs = "phork ";
  if (!line.starts_with(kOurs)) return std::nullopt;
  line.remove_prefix(kOurs.size());
  const std::size_t end = line.substr(0, 16).find(':');
  return end == std::string_view::npos ? std::nullopt : level_named(line.substr(0, end));
}

namespace dom = simdjson::dom;

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

std::string_view level_word(LogLevel level) {
  constexpr std::array<std::string_view, 6> kWords{"TRACE", "DEBUG", "INFO",
                                                   "WARN",  "ERROR", "FATAL"};
  static_assert(kWords.size() == static_cast<std::size_t>(LogLevel::kFatal) + 1);
  return kWords.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> level_named(std::string_view word) {
  const auto found = std::ranges::find_if(
      kNames, [word](const Name& name) { return base::equal_in_any_case(name.text, word); });
  if (found == kNames.end()) return std::nullopt;
  return found->level;
}

LogLevel level_of_line(std::string_view line) {
  line = skip_date(line);
  if (line.starts_with('[')) return level_in_brackets(line).value_or(LogLevel::kInfo);
  if (const auto level = level_of_title(line)) return *level;
  if (const auto level = level_of_channel(line)) return *level;
  return level_of_runtime_line(line).value_or(LogLevel::kInfo);
}

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
