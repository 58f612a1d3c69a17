// SPDX-License-Identifier: MIT
#include "runtime/wire/field_codec.h"

namespace phork::wire {
namespace {

constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

}  // namespace

FieldWriter& FieldWriter::text(std::string_view value) {
  // A text that 32 bits cannot measure makes a frame far over the limit, which the receiver refuses
  // by its header; the length written here is then never read.
  number(static_cast<std::uint32_t>(value.size()));
  bytes_.append(value);
  return *this;
}

FieldWriter& FieldWriter::texts(const std::vector<std::string>& values) {
  std::size_t content_bytes = 0;
  for (const auto& value : values) content_bytes += kLengthBytes + value.size();
  list_size(values.size(), content_bytes);
  for (const auto& value : values) text(value);
  return *this;
}

FieldWriter& FieldWriter::pairs(const std::vector<event::NameValue>& values) {
  std::size_t content_bytes = 0;
  for (const auto& [name, value] : values) {
    content_bytes += 2 * kLengthBytes + name.size() + value.size();
  }
  list_size(values.size(), content_bytes);
  for (const auto& [name, value] : values) text(name).text(value);
  return *this;
}

void FieldWriter::list_size(std::size_t count, std::size_t content_bytes) {
  bytes_.reserve(bytes_.size() + kLengthBytes + content_bytes);
  number(static_cast<std::uint32_t>(count));
}

std::string_view FieldReader::text(const char* field) {
  return take(field, number<std::uint32_t>(field));
}

std::vector<std::string> FieldReader::texts(const char* field) {
  std::vector<std::string> values(list_size(field, kLengthBytes));
  for (auto& value : values) value = text(field);
  return values;
}

std::vector<event::NameValue> FieldReader::pairs(const char* field) {
  std::vector<event::NameValue> values(list_size(field, 2 * kLengthBytes));
  for (auto& [name, value] : values) {
    name = text(field);
    value = text(field);
  }
  return values;
}

std::string_view FieldReader::tail() {
  return std::exchange(rest_, rest_.substr(rest_.size()));
}

base::Status FieldReader::finish() const {
  if (!error_.empty()) return base::Error{base::ErrorKind::kInvalid, error_};
  if (rest_.empty()) return base::ok_status();
  return base::Error{base::ErrorKind::kInvalid, "wire: decode '" + std::string(message_) +
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

// A count that the bytes at hand cannot hold is refused before memory is asked for it.
std::size_t FieldReader::list_size(const char* field, std::size_t least_item_bytes) {
  const std::size_t count = number<std::uint32_t>(field);
  if (count <= rest_.size() / least_item_bytes) return count;
  fail(field, count * least_item_bytes);
  return 0;
}

void FieldReader::fail(const char* field, std::size_t wanted) {
  if (!error_.empty()) return;
  error_ = "wire: decode '" + std::string(message_) + "': field '" + field + "' needs " +
           std::to_string(wanted) + " bytes, " + std::to_string(rest_.size()) + " are left";
  rest_ = {};
}

}  // namespace phork::wire
