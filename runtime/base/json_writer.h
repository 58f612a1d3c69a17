// SPDX-License-Identifier: MIT
//
// Writes JSON: the answers, error bodies and metrics lines that the runtime makes itself. Reading
// is simdjson's. Appends to a string. It writes the commas; the caller closes what it opens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace phork::base {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  // Text in UTF-8; each byte that is not part of valid UTF-8 becomes U+FFFD.
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t value);
  // With `decimals` digits after the point.
  JsonWriter& number(double value, int decimals);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  JsonWriter& field(std::string_view name, std::string_view text) { return key(name).string(text); }

  // Makes room for `bytes` more, so that writing them moves nothing that is written already.
  JsonWriter& reserve(std::size_t bytes);
  // At most what `string(text)` appends when `text` is valid UTF-8.
  static std::size_t string_bound(std::string_view text);
  // A string of `bytes` characters, none of which needs an escape. The caller writes them through
  // the pointer, which the next call ends.
  char* plain_string(std::size_t bytes);

  const std::string& text() const& { return out_; }

  std::string&& text() && { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool needs_comma_ = false;
};

}  // namespace phork::base
