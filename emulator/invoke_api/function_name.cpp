// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/function_name.h"

#include <algorithm>
#include <cstddef>

namespace phork::emulator {
namespace {

constexpr std::size_t kAccountDigits = 12;
constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostQualifierBytes = 128;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

bool is_word(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
         byte == '-' || byte == '_';
}

bool is_word_text(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, is_word);
}

bool is_account(std::string_view text) {
  return text.size() == kAccountDigits && std::ranges::all_of(text, is_digit);
}

// Removes the text before the next ':' from `rest`, and the ':' too.
std::string_view take_part(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  const std::string_view part = rest.substr(0, colon);
  rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  return part;
}

bool take_exactly(std::string_view& rest, std::string_view part) {
  return take_part(rest) == part;
}

// NAME or NAME:QUALIFIER.
bool read_name(std::string_view rest, FunctionName& named) {
  const bool qualified = rest.find(':') != std::string_view::npos;
  named.name = take_part(rest);
  named.qualifier = rest;
  return is_word_text(named.name, kMostNameBytes) && qualified == !rest.empty() &&
         (!qualified || is_qualifier(rest));
}

bool read_account(std::string_view& rest, FunctionName& named) {
  named.account = take_part(rest);
  return is_account(named.account) && take_exactly(rest, "function");
}

// arn:aws:lambda:REGION: in any partition, such as aws-cn.
bool read_arn(std::string_view& rest, FunctionName& named) {
  if (!take_exactly(rest, "arn") || !take_part(rest).starts_with("aws")) return false;
  if (!take_exactly(rest, "lambda")) return false;
  named.region = take_part(rest);
  return is_word_text(named.region, kMostNameBytes);
}

}  // namespace

std::optional<FunctionName> parse_function_name(std::string_view text) {
  FunctionName named;
  std::string_view rest = text;
  const bool arn = text.starts_with("arn:");
  if (arn && !read_arn(rest, named)) return std::nullopt;
  const bool with_account = arn || is_account(rest.substr(0, rest.find(':')));
  if (with_account && rest.find(':') != std::string_view::npos && !read_account(rest, named)) {
    return std::nullopt;
  }
  if (!read_name(rest, named)) return std::nullopt;
  return named;
}

bool is_qualifier(std::string_view text) {
  return text == "$LATEST" || is_word_text(text, kMostQualifierBytes);
}

}  // namespace phork::emulator
