// SPDX-License-Identifier: MIT
#include "runtime/lambda/error_report.h"

#include <utility>

#include "runtime/base/json_writer.h"
#include "runtime/lambda/limits.h"

namespace phork::lambda {
namespace {

constexpr std::string_view kCut = " [cut]";

// JSON writes a byte as six at most (\u0001). With these lengths a message and a type of nothing
// but such bytes leave room for a stack trace.
constexpr std::size_t kMaxMessageBytes = std::size_t{128} * 1024;
constexpr std::size_t kMaxTypeBytes = 1024;
constexpr std::size_t kMaxFrameBytes = std::size_t{4} * 1024;
// The line that says how many frames are missing, and the closing brackets.
constexpr std::size_t kTailBytes = 128;
static_assert(6 * (kMaxMessageBytes + kMaxTypeBytes + kMaxFrameBytes) + kTailBytes <
              kMaxErrorBytes);

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_accepted_as_it_is(std::string_view type) {
  constexpr std::string_view kRuntime = "Runtime.";
  constexpr std::string_view kFunction = "Function.";
  if (type.starts_with(kRuntime)) {
    type.remove_prefix(kRuntime.size());
  } else if (type.starts_with(kFunction)) {
    type.remove_prefix(kFunction.size());
  } else {
    return false;
  }
  if (type.size() < 2 || type.size() > kMaxErrorTypeBytes || !is_upper(type[0])) return false;
  for (const char c : type) {
    if (!is_word(c)) return false;
  }
  return true;
}

// At most `limit` bytes of `text`, cut where a UTF-8 character begins.
std::string clip(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit - kCut.size();
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  for (int back = 0; back < 3 && continues(end); ++back) --end;
  return std::string(text.substr(0, end)).append(kCut);
}

// The body up to and including the opening of the stack trace.
base::JsonWriter open_body(std::string_view message, std::string_view type) {
  base::JsonWriter json;
  json.begin_object().field("errorMessage", message).field("errorType", type);
  json.key("stackTrace").begin_array();
  return json;
}

std::string whole_body(const base::Failure& failure) {
  base::JsonWriter json = open_body(failure.message, failure.type);
  for (const std::string& frame : failure.stack_trace) json.string(frame);
  json.end_array().end_object();
  return std::move(json).text();
}

std::string cut_body(const base::Failure& failure) {
  base::JsonWriter json =
      open_body(clip(failure.message, kMaxMessageBytes), clip(failure.type, kMaxTypeBytes));
  std::size_t missing = failure.stack_trace.size();
  for (const std::string& text : failure.stack_trace) {
    base::JsonWriter frame;
    frame.string(clip(text, kMaxFrameBytes));
    if (json.text().size() + frame.text().size() + kTailBytes > kMaxErrorBytes) break;
    json.raw(frame.text());
    --missing;
  }
  if (missing > 0) json.string("[" + std::to_string(missing) + " more frames cut]");
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace

std::string error_type_header(std::string_view type) {
  if (is_accepted_as_it_is(type)) return std::string(type);
  // What PHP appends to the name of an anonymous class ("Base@anonymous" NUL path) is no name.
  type = type.substr(0, type.find('@'));
  const auto separator = type.find_last_of("\\.");
  if (separator != std::string_view::npos) type.remove_prefix(separator + 1);

  std::string name;
  for (const char c : type.substr(0, kMaxErrorTypeBytes)) {
    if (is_word(c)) name.push_back(c);
  }
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  if (name.size() < 2 || !is_upper(name[0])) name = "Unknown";
  return "Function." + name;
}

std::string error_body(const base::Failure& failure) {
  std::string body = whole_body(failure);
  return body.size() <= kMaxErrorBytes ? body : cut_body(failure);
}

}  // namespace phork::lambda
