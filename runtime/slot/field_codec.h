// SPDX-License-Identifier: MIT
//
// The fields of a datagram: little-endian numbers, texts and lists with a length of 32 bits before
// them. The writer owns what it makes. The reader borrows the bytes and never reads outside of
// them: the first field that does not fit is remembered, every later one reads as empty, and
// finish() reports it. Also a failure as fields, cut so that it fits a socket's buffer.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::slot {

class FieldWriter {
 public:
  template <std::unsigned_integral T>
  FieldWriter& number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFF));
    }
    return *this;
  }

  FieldWriter& text(std::string_view value);
  FieldWriter& texts(const std::vector<std::string>& values);
  FieldWriter& failure(const event::Failure& value);

  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class FieldReader {
 public:
  // `message` names the bytes in errors; it and the names of fields are string literals.
  FieldReader(const char* message, std::string_view bytes) : message_(message), rest_(bytes) {}

  template <std::unsigned_integral T>
  T number(const char* field) {
    const std::string_view raw = take(field, sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
    }
    return static_cast<T>(value);
  }

  // Points into the bytes.
  std::string_view text(const char* field);
  std::vector<std::string> texts(const char* field);
  event::Failure failure();

  // Fails when a field did not fit or bytes are left.
  base::Status finish() const;

 private:
  std::string_view take(const char* field, std::size_t bytes);
  void fail(const char* field, std::size_t wanted);

  const char* message_;
  std::string_view rest_;
  std::string error_;
};

// The beginning of a text, as much as fits.
std::string_view shortened(std::string_view text);

}  // namespace phork::slot
