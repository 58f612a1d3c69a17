// SPDX-License-Identifier: MIT
//
// Text helpers of several modules. Letters are those of ASCII in every locale, since the texts are
// protocol elements: header names, settings, numbers. Pure.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace phork::base {

constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower_case(std::string_view text);

bool equal_in_any_case(std::string_view a, std::string_view b);

// `text` without the `blanks` at both ends. HTTP's optional whitespace is space and tab only
// (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.3): there a lone CR must stay to be refused.
inline constexpr std::string_view kBlanks = " \t\r\n";
inline constexpr std::string_view kHttpBlanks = " \t";
std::string_view trim(std::string_view text, std::string_view blanks = kBlanks);

// The number at the front of `text`, which loses it; nothing, and `text` as it was, when there is
// none: no blanks and no plus sign come before it.
template <typename Number>
std::optional<Number> take_number(std::string_view& text, [[maybe_unused]] int radix = 10) {
  Number number{};
  const char* const end = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::floating_point<Number>) {
    read = std::from_chars(text.data(), end, number);
  } else {
    read = std::from_chars(text.data(), end, number, radix);
  }
  if (read.ec != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

// The number that all of `text` is.
template <typename Number>
std::optional<Number> parse_number(std::string_view text, int radix = 10) {
  const std::optional<Number> number = take_number<Number>(text, radix);
  return text.empty() ? number : std::nullopt;
}

}  // namespace phork::base
