// SPDX-License-Identifier: MIT
#include "runtime/logging/log_layout.h"

#include <algorithm>
#include <utility>

#include "runtime/base/json_writer.h"
#include "runtime/event/invocation.h"
#include "runtime/logging/log_content.h"

namespace phork::logging {
namespace {

constexpr std::string_view kNoRequest = "-";
// Bytes of a JSON record without its message.
constexpr std::size_t kFieldBytes = 256;

void replace_line_ends(std::string& text, char line_end) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\r' || c == '\n'; }, line_end);
}

void add_failure(base::JsonWriter& json, const event::Failure& failure) {
  json.field("errorType", failure.type).field("errorMessage", failure.message);
  json.key("stackTrace").begin_array();
  for (const std::string& frame : failure.stack_trace) json.string(frame);
  json.end_array();
}

constexpr std::size_t kMilliseconds = sizeof "2025-01-31T12:00:00." - 1;

}  // namespace

std::string_view LogTime::iso8601(WallTime time) {
  using namespace std::chrono;
  const auto ms = duration_cast<milliseconds>(time.time_since_epoch()).count();
  if (const std::time_t second = ms / 1000; second != second_) format_second(second);
  const auto fraction = static_cast<unsigned>(ms % 1000);
  text_[kMilliseconds] = static_cast<char>('0' + fraction / 100);
  text_[kMilliseconds + 1] = static_cast<char>('0' + fraction / 10 % 10);
  text_[kMilliseconds + 2] = static_cast<char>('0' + fraction % 10);
  return {text_.data(), text_.size() - 1};
}

void LogTime::format_second(std::time_t second) {
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::strftime(text_.data(), text_.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  second_ = second;
}

LogMessage LogLayout::lay_out(const LogEntry& entry, char line_end) {
  // A line end between the tokens of JSON is a blank like any other.
  if (entry.is_metrics()) return {base::LogFormat::kJson, {}, with_line_ends(entry.text, ' ')};
  return format_ == base::LogFormat::kJson ? lay_out_json(entry) : lay_out_text(entry, line_end);
}

LogMessage LogLayout::lay_out_text(const LogEntry& entry, char line_end) {
  const std::string_view id = entry.record.request_id;
  head_.assign(time_.iso8601(entry.time)).push_back('\t');
  head_.append(id.empty() ? kNoRequest : id).push_back('\t');
  head_.append(level_word(entry.level)).push_back('\t');
  if (entry.record.failure == nullptr) {
    return {base::LogFormat::kText, head_, with_line_ends(entry.text, line_end)};
  }
  body_.assign(entry.text);
  for (const std::string& frame : entry.record.failure->stack_trace) {
    body_.append(1, '\n').append(frame);
  }
  replace_line_ends(body_, line_end);
  return {base::LogFormat::kText, head_, body_};
}

LogMessage LogLayout::lay_out_json(const LogEntry& entry) {
  const base::LogRecord& record = entry.record;
  const LogObject own = entry.object.value_or(LogObject{});
  base::JsonWriter json;
  json.reserve(entry.text.size() + kFieldBytes).begin_object();
  if (!own.has_timestamp) json.field("timestamp", time_.iso8601(entry.time));
  if (!own.has_level) json.field("level", level_word(entry.level));
  if (!own.has_request_id && !record.request_id.empty()) {
    json.field("requestId", record.request_id);
  }
  if (!own.has_tenant_id && !record.tenant_id.empty()) json.field("tenantId", record.tenant_id);
  if (!entry.object) {
    json.field("message", with_line_ends(entry.text, '\n'));
  } else if (own.fields.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    json.raw(with_line_ends(own.fields, ' '));
  }
  if (record.failure != nullptr) add_failure(json, *record.failure);
  json.end_object();
  head_ = std::move(json).text();
  return {base::LogFormat::kJson, head_, {}};
}

std::string_view LogLayout::with_line_ends(std::string_view text, char line_end) {
  const auto lacks = [&](char c) {
    return c == line_end || text.find(c) == std::string_view::npos;
  };
  if (lacks('\r') && lacks('\n')) return text;
  body_.assign(text);
  replace_line_ends(body_, line_end);
  return body_;
}

}  // namespace phork::logging
