// SPDX-License-Identifier: MIT
#include "runtime/slot/field_codec.h"

namespace phork::slot {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);
constexpr std::size_t kMostTextBytes = std::size_t{32} * 1024;
constexpr std::size_t kMostTraceBytes = std::size_t{64} * 1024;

// The first lines, as many as fit.
std::vector<std::string> first_lines(const std::vector<std::string>& lines) {
  std::vector<std::string> kept;
  std::size_t bytes = 0;
  for (const std::string& line : lines) {
    bytes += line.size() + kLengthBytes;
    if (bytes > kMostTraceBytes) break;
    kept.push_back(line);
  }
  return kept;
}

}  // namespace

FieldWriter& FieldWriter::text(std::string_view value) {
  number(static_cast<std::uint32_t>(value.size()));
  bytes_.append(value);
  return *this;
}

FieldWriter& FieldWriter::texts(const std::vector<std::string>& values) {
  number(static_cast<std::uint32_t>(values.size()));
  for (const std::string& value : values) text(value);
  return *this;
}

FieldWriter& FieldWriter::failure(const event::Failure& value) {
  return text(shortened(value.type))
      .text(shortened(value.message))
      .texts(first_lines(value.stack_trace));
}

std::string_view FieldReader::text(const char* field) {
  return take(field, number<std::uint32_t>(field));
}

// A count that the bytes at hand cannot hold is refused before memory is asked for it.
std::vector<std::string> FieldReader::texts(const char* field) {
  const std::size_t count = number<std::uint32_t>(field);
  if (count > rest_.size() / kLengthBytes) {
    fail(field, count * kLengthBytes);
    return {};
  }
  std::vector<std::string> values(count);
  for (std::string& value : values) value = text(field);
  return values;
}

event::Failure FieldReader::failure() {
  event::Failure value;
  value.type = text("type");
  value.message = text("message");
  value.stack_trace = texts("stack trace");
  return value;
}

base::Status FieldReader::finish() const {
  if (!error_.empty()) return base::Error{base::ErrorKind::kInvalid, error_};
  if (rest_.empty()) return base::ok_status();
  return base::Error{base::ErrorKind::kInvalid, "slot: read '" + std::string(message_) +
                                                    "': expected the end, " +
                                                    std::to_string(rest_.size()) + " bytes follow"};
}

std::string_view FieldReader::take(const char* field, std::size_t bytes) {
  if (bytes > rest_.size()) {
    fail(field, bytes);
    return {};
  }
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

void FieldReader::fail(const char* field, std::size_t wanted) {
  if (!error_.empty()) return;
  error_ = "slot: read '" + std::string(message_) + "': field '" + field + "' needs " +
           std::to_string(wanted) + " bytes, " + std::to_string(rest_.size()) + " are left";
  rest_ = {};
}

std::string_view shortened(std::string_view text) {
  return text.substr(0, kMostTextBytes);
}

}  // namespace phork::slot
