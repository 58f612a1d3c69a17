// SPDX-License-Identifier: MIT
#include "runtime/lambda/error_report.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "runtime/base/base64.h"
#include "runtime/base/json_writer.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {
namespace {

constexpr std::string_view kCut = " [cut]";

constexpr std::size_t kMaxTypeBytes = 1024;
constexpr std::size_t kMaxFrameBytes = std::size_t{4} * 1024;
// The line that says how many frames are missing, and the closing brackets.
constexpr std::size_t kTailBytes = 128;

// The bytes around the values of both trailers: names, colons, line ends.
constexpr std::size_t kTrailerFrameBytes =
    std::string_view(kErrorTypeHeader).size() + std::string_view(kErrorBodyHeader).size() + 10;
constexpr std::size_t kMaxTrailerTypeBytes =
    kMaxErrorTypeBytes + std::string_view("Function.").size();
constexpr std::size_t kMaxTrailerErrorBytes =
    (kMaxTrailerBytes - kTrailerFrameBytes - kMaxTrailerTypeBytes) / 4 * 3;

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

std::string whole_body(const event::Failure& failure) {
  base::JsonWriter json = open_body(failure.message, failure.type);
  for (const std::string& frame : failure.stack_trace) json.string(frame);
  json.end_array().end_object();
  return std::move(json).text();
}

// JSON writes a byte as six at most (\u0001), so only writing a message shows whether it fits.
std::string cut_body(const event::Failure& failure, std::size_t limit) {
  const std::string type = clip(failure.type, std::min(kMaxTypeBytes, limit / 16));
  const std::size_t limit_before_frames = limit / 8 * 7;
  std::size_t message_bytes = limit / 2;
  base::JsonWriter json = open_body(clip(failure.message, message_bytes), type);
  while (json.text().size() > limit_before_frames) {
    message_bytes /= 2;
    json = open_body(clip(failure.message, message_bytes), type);
  }
  std::size_t missing = failure.stack_trace.size();
  for (const std::string& text : failure.stack_trace) {
    base::JsonWriter frame;
    frame.string(clip(text, std::min(kMaxFrameBytes, limit / 16)));
    if (json.text().size() + frame.text().size() + kTailBytes > limit) break;
    json.raw(frame.text());
    --missing;
  }
  if (missing > 0) json.string("[" + std::to_string(missing) + " more frames cut]");
  json.end_array().end_object();
  return std::move(json).text();
}

std::string base64(std::string_view bytes) {
  std::string text(base::base64_size(bytes.size()), '\0');
  base::encode_base64(bytes, text.data());
  return text;
}

}  // namespace

std::string error_type_header(std::string_view type) {
  if (is_accepted_as_it_is(type)) return std::string(type);
  // PHP calls an anonymous class "Base@anonymous" NUL path: only "Base" is a name.
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

std::string error_body(const event::Failure& failure, std::size_t limit) {
  std::string body = whole_body(failure);
  return body.size() <= limit ? body : cut_body(failure, limit);
}

std::string error_trailers(const event::Failure& failure) {
  const auto line = [](const std::string& name, const std::string& value) {
    return name + ": " + value + "\r\n";
  };
  return line(kErrorTypeHeader, error_type_header(failure.type)) +
         line(kErrorBodyHeader, base64(error_body(failure, kMaxTrailerErrorBytes)));
}

}  // namespace phork::lambda
