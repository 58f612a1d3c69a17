// SPDX-License-Identifier: MIT
#include "runtime/base/json_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace phork::base {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Sets the high bit of each zero byte; above the lowest of them other bytes may be marked too.
constexpr std::uint64_t mark_zero_bytes(std::uint64_t word) {
  return (word - kOnes) & ~word & kHighBits;
}

// The same for bytes that cannot stand in a JSON string as they are, and for those beyond ASCII.
// https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord
constexpr std::uint64_t mark_special_bytes(std::uint64_t word) {
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  const std::uint64_t quote = mark_zero_bytes(word ^ (kOnes * '"'));
  const std::uint64_t backslash = mark_zero_bytes(word ^ (kOnes * '\\'));
  return (control | quote | backslash | word) & kHighBits;
}

constexpr bool needs_escape(unsigned char byte) {
  return byte < 0x20 || byte == '"' || byte == '\\';
}

// The end of the run of plain ASCII that begins at `from`.
std::size_t skip_plain_ascii(std::string_view text, std::size_t from) {
  static_assert(std::endian::native == std::endian::little, "the lowest mark is the first byte");
  for (; text.size() - from >= sizeof(std::uint64_t); from += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + from, sizeof word);
    const std::uint64_t marks = mark_special_bytes(word);
    if (marks != 0) return from + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  const auto plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && !needs_escape(byte);
  };
  while (from < text.size() && plain(text[from])) ++from;
  return from;
}

struct Utf8Lead {
  std::size_t bytes;  // of the whole sequence; 0: no sequence begins so
  unsigned char low;  // the second byte lies between these two
  unsigned char high;
};

// https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf, table 3-7
constexpr Utf8Lead utf8_lead(unsigned char byte) {
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {4, 0x80, 0xBF};
}

// Bytes of the UTF-8 sequence at `from`, which is not ASCII; 0 when there is no valid one.
std::size_t utf8_sequence(std::string_view text, std::size_t from) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[from + i]); };
  const Utf8Lead lead = utf8_lead(at(0));
  if (lead.bytes == 0 || text.size() - from < lead.bytes) return 0;
  if (at(1) < lead.low || at(1) > lead.high) return 0;
  for (std::size_t i = 2; i < lead.bytes; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  return lead.bytes;
}

// The end of the run that can be copied as it is: an escape, a broken byte or the end of the text.
std::size_t skip_copyable(std::string_view text, std::size_t from) {
  while (true) {
    from = skip_plain_ascii(text, from);
    const std::size_t ascii_end = from;
    while (from < text.size() && static_cast<unsigned char>(text[from]) >= 0x80) {
      const std::size_t bytes = utf8_sequence(text, from);
      if (bytes == 0) return from;
      from += bytes;
    }
    if (from == ascii_end) return from;
  }
}

void append_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  const std::size_t named = kNamed.find(static_cast<char>(byte));
  if (named != std::string_view::npos) {
    out.append({'\\', kNames[named]});
  } else {
    out.append("\\u00").append({kHex[byte >> 4U], kHex[byte & 0xFU]});
  }
}

// Bytes that escapes add at most. Sums are bytes as well, so that the compiler makes vector code
// of it, six times as fast as with wider ones; a block is as long as they allow.
constexpr std::size_t kCountedBlock = 32;
static_assert(kCountedBlock * 5 <= 0xFF);

std::size_t count_escapes(std::string_view block) {
  std::uint8_t extra = 0;
  for (const char c : block) {
    const auto byte = static_cast<unsigned char>(c);
    const int control = byte < 0x20 ? 5 : 0;
    const int named = (byte == '"' ? 1 : 0) + (byte == '\\' ? 1 : 0);
    extra = static_cast<std::uint8_t>(extra + control + named);
  }
  return extra;
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t at = 0;
  while (true) {
    const std::size_t end = skip_copyable(text, at);
    out.append(text, at, end - at);
    if (end == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[end]);
    if (byte < 0x80) {
      append_escape(out, byte);
    } else {
      out.append(kReplacement);
    }
    at = end + 1;
  }
  out.push_back('"');
}

}  // namespace

void JsonWriter::separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_.push_back('{');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_.push_back('}');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_.push_back('[');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_.push_back(']');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.begin())});
}

JsonWriter& JsonWriter::number(double value, int decimals) {
  if (!std::isfinite(value)) return null();  // JSON has no word for them
  constexpr int kMaxDecimals = 17;
  std::array<char, 352> digits{};  // sign, 309 digits of the greatest double, point, decimals
  const auto end = std::to_chars(digits.begin(), digits.end(), value, std::chars_format::fixed,
                                 std::clamp(decimals, 0, kMaxDecimals))
                       .ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.begin())});
}

JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

JsonWriter& JsonWriter::reserve(std::size_t bytes) {
  out_.reserve(out_.size() + bytes);
  return *this;
}

std::size_t JsonWriter::string_bound(std::string_view text) {
  std::size_t bytes = text.size() + 3;  // two quotes and a comma
  while (!text.empty()) {
    const std::string_view block = text.substr(0, kCountedBlock);
    bytes += count_escapes(block);
    text.remove_prefix(block.size());
  }
  return bytes;
}

char* JsonWriter::plain_string(std::size_t bytes) {
  separate();
  const std::size_t start = out_.size() + 1;
  out_.push_back('"');
  out_.resize(start + bytes);
  out_.push_back('"');
  return out_.data() + start;
}

}  // namespace phork::base
