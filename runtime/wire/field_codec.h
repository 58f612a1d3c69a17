// SPDX-License-Identifier: MIT
//
// The fields inside a frame's payload: little-endian numbers, texts and lists with a length of 32
// bits before them. The writer owns what it makes. The reader borrows the payload and never reads
// outside it: the first field that does not fit is remembered, every later one reads as empty, and
// `finish()` reports it.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::wire {

template <std::unsigned_integral T>
void put_little_endian(char* target, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    target[i] = static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFF);
  }
}

template <std::unsigned_integral T>
T get_little_endian(const char* source) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(source[i])} << (8 * i);
  }
  return static_cast<T>(value);
}

class FieldWriter {
 public:
  // Leaves `prefix_bytes` zero bytes before the first field, for a header to be written later.
  explicit FieldWriter(std::size_t prefix_bytes) : bytes_(prefix_bytes, '\0') {}

  template <std::unsigned_integral T>
  FieldWriter& number(T value) {
    char raw[sizeof(T)];
    put_little_endian(raw, value);
    bytes_.append(raw, sizeof(T));
    return *this;
  }

  FieldWriter& text(std::string_view value);
  FieldWriter& texts(const std::vector<std::string>& values);
  FieldWriter& pairs(const std::vector<event::NameValue>& values);

  std::string take() && { return std::move(bytes_); }

 private:
  void list_size(std::size_t count, std::size_t content_bytes);

  std::string bytes_;
};

class FieldReader {
 public:
  // `message` names the payload in errors; it and the names of fields are string literals.
  FieldReader(const char* message, std::string_view payload) : message_(message), rest_(payload) {}

  template <std::unsigned_integral T>
  T number(const char* field) {
    const std::string_view raw = take(field, sizeof(T));
    return raw.empty() ? T{0} : get_little_endian<T>(raw.data());
  }

  // Points into the payload.
  std::string_view text(const char* field);
  std::vector<std::string> texts(const char* field);
  std::vector<event::NameValue> pairs(const char* field);
  // All that is left.
  std::string_view tail();

  // Fails when a field did not fit or bytes are left.
  base::Status finish() const;

 private:
  std::string_view take(const char* field, std::size_t bytes);
  std::size_t list_size(const char* field, std::size_t least_item_bytes);
  void fail(const char* field, std::size_t wanted);

  const char* message_;
  std::string_view rest_;
  std::string error_;
};

}  // namespace phork::wire
