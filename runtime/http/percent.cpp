// SPDX-License-Identifier: MIT
#include "runtime/http/percent.h"

#include <array>

namespace phork::http {
namespace {

using ByteSet = std::array<bool, 256>;

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

constexpr ByteSet unreserved_and(std::string_view more) {
  ByteSet set{};
  for (const char c : kUnreserved) set[static_cast<unsigned char>(c)] = true;
  for (const char c : more) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr ByteSet kPathBytes = unreserved_and("!$&'()*+,;=:@/");
constexpr ByteSet kDecodedQueryBytes = unreserved_and("[]");
// Without '&' and '=', which would cut the text in two, and with '+', which is a space already.
constexpr ByteSet kQueryBytes = unreserved_and("[]!$'()*+,;:@/?");

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_escape(std::string_view text, std::size_t at) {
  return text[at] == '%' && text.size() - at > 2 && is_hex_digit(text[at + 1]) &&
         is_hex_digit(text[at + 2]);
}

enum class Escapes { kKept, kEscaped };

void append_encoded(std::string& out, std::string_view text, const ByteSet& plain,
                    Escapes escapes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (plain[byte] || (escapes == Escapes::kKept && is_escape(text, i))) {
      out.push_back(text[i]);
    } else {
      out.append({'%', kHex[byte >> 4U], kHex[byte & 0xFU]});
    }
  }
}

std::string encoded(std::string_view text, const ByteSet& plain, Escapes escapes) {
  std::string out;
  out.reserve(text.size());
  append_encoded(out, text, plain, escapes);
  return out;
}

}  // namespace

std::string encode_path(std::string_view path) {
  std::string out;
  out.reserve(path.size() + 1);
  if (path.empty() || path.front() != '/') out.push_back('/');
  append_encoded(out, path, kPathBytes, Escapes::kKept);
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && is_escape(text, i)) {
      decoded.push_back(static_cast<char>(digit(text[i + 1]) << 4U | digit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::string encode_query_text(std::string_view decoded) {
  return encoded(decoded, kDecodedQueryBytes, Escapes::kEscaped);
}

std::string repair_query_text(std::string_view text) {
  return encoded(text, kQueryBytes, Escapes::kKept);
}

}  // namespace phork::http
