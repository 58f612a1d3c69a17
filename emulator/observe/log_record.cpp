// SPDX-License-Identifier: MIT
#include "emulator/observe/log_record.h"

#include <algorithm>
#include <array>
#include <optional>

#include <simdjson.h>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kOnLine = " on line ";
constexpr std::string_view kIn = " in ";
// PHP repeats here what the first line of an uncaught exception says.
constexpr std::string_view kThrownIn = "\n  thrown in ";

bool is_level(std::string_view word) {
  constexpr std::array<std::string_view, 6> kLevels{"TRACE", "DEBUG", "INFO",
                                                    "WARN",  "ERROR", "FATAL"};
  return std::ranges::find(kLevels, word) != kLevels.end();
}

// Removes a field up to a tab from `line`; nullopt without one.
std::optional<std::string_view> take_field(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  const std::string_view field = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  return field;
}

// "TIME\tID\tLEVEL\tTEXT"
std::optional<LogRecord> read_text(std::string_view line) {
  const auto time = take_field(line);
  const auto id = take_field(line);
  const auto level = take_field(line);
  if (!time || !id || !level || !time->ends_with('Z') || !is_level(*level)) return std::nullopt;
  return LogRecord{*id == "-" ? "" : std::string(*id), std::string(*level), std::string(line)};
}

std::string text_of(const object& record, const char* name) {
  std::string_view text;
  return record[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// {"errorType":..,"errorMessage":..,"stackTrace":[..]} as one text.
std::string failure_text(const object& record) {
  const std::string type = text_of(record, "errorType");
  std::string text = type + (type.empty() ? "" : ": ") + text_of(record, "errorMessage");
  simdjson::dom::array trace;
  if (record["stackTrace"].get(trace) != simdjson::SUCCESS) return text;
  for (const element& entry : trace) {
    std::string_view frame;
    if (entry.get(frame) == simdjson::SUCCESS) text.append("\n").append(frame);
  }
  return text;
}

// An object with a timestamp and a level, as the runtime and Monolog write it.
std::optional<LogRecord> read_json(std::string_view line) {
  if (!line.starts_with('{')) return std::nullopt;
  simdjson::dom::parser parser;
  object record;
  if (parser.parse(line.data(), line.size()).get(record) != simdjson::SUCCESS) return std::nullopt;
  const std::string level = text_of(record, "level");
  if (!is_level(level)) return std::nullopt;
  std::string text = text_of(record, "message");
  if (text.empty()) text = failure_text(record);
  return LogRecord{text_of(record, "requestId"), level, text.empty() ? std::string(line) : text};
}

// Moves " in FILE on line N" from the end of the first line of `text`, or ":N" behind its file, to
// the record's own fields.
void take_place(LogRecord& record) {
  std::string& text = record.text;
  if (!text.starts_with("PHP ")) return;
  if (const std::size_t thrown = text.rfind(kThrownIn); thrown != std::string::npos) {
    text.erase(thrown);
  }
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view head = std::string_view(text).substr(0, end);
  const std::size_t in = head.rfind(kIn);
  if (in == std::string_view::npos) return;
  const std::string_view place = head.substr(in + kIn.size());
  const std::size_t on_line = place.rfind(kOnLine);
  const bool in_words = on_line != std::string_view::npos;
  const std::size_t file_end = in_words ? on_line : place.rfind(':');
  if (file_end == std::string_view::npos) return;
  const auto number =
      base::parse_number<unsigned>(place.substr(file_end + (in_words ? kOnLine.size() : 1)));
  if (!number || !place.starts_with('/')) return;
  record.file = place.substr(0, file_end);
  record.line = *number;
  text.erase(in, end - in);
}

}  // namespace

LogRecord read_log_line(std::string_view line) {
  std::optional<LogRecord> record = read_text(line);
  if (!record) record = read_json(line);
  if (!record) return {"", "", std::string(line)};
  take_place(*record);
  return std::move(*record);
}

}  // namespace phork::emulator
