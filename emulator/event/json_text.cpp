// SPDX-License-Identifier: MIT
#include "emulator/event/json_text.h"

#include <algorithm>
#include <cstddef>

#include <simdjson.h>

namespace phork::emulator {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The length of a sequence of digits at the beginning.
std::size_t digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const std::size_t fraction = digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size();
}

// The bytes at the beginning that may be of one number; none when no number begins there.
std::string_view number_at(std::string_view text) {
  if (text.front() != '-' && !is_digit(text.front())) return {};
  return text.substr(0, text.find_first_not_of("0123456789+-.eE"));
}

// The length of an escape at the beginning, which stands for a unit of UTF-16 or for one of two.
std::size_t escape(std::string_view text) {
  constexpr std::size_t kUnit = 6;
  const std::string_view unit = text.substr(0, kUnit);
  const bool is_unit = unit.size() == kUnit && unit.starts_with("\\u") &&
                       std::ranges::all_of(unit.substr(2), is_hexadecimal);
  return is_unit ? kUnit : std::min<std::size_t>(text.size(), 2);
}

// The same text with 0 for each number, and without the escapes of units, of which a parser may
// find that they do not make a character.
std::string without_values(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  bool is_in_string = false;
  while (!text.empty()) {
    std::size_t taken = 1;
    if (is_in_string && text.front() == '\\') {
      taken = escape(text);
      if (taken <= 2) plain.append(text.substr(0, taken));
    } else if (const std::string_view number = number_at(text); !is_in_string && !number.empty()) {
      taken = number.size();
      plain += is_number(number) ? "0" : number;
    } else {
      is_in_string = is_in_string != (text.front() == '"');
      plain += text.front();
    }
    text.remove_prefix(taken);
  }
  return plain;
}

}  // namespace

std::string json_fault(std::string_view text) {
  simdjson::dom::parser parser;
  const auto error = parser.parse(without_values(text)).error();
  return error == simdjson::SUCCESS ? std::string() : simdjson::error_message(error);
}

}  // namespace phork::emulator
