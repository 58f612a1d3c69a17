// SPDX-License-Identifier: MIT
#include "runtime/base/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace phork::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

// Two characters for each 12 bits: half the look-ups of one for each 6, and still small (8 KiB).
constexpr auto kPairs = [] {
  std::array<char, 8192> pairs{};
  for (std::size_t bits = 0; bits < 4096; ++bits) {
    pairs[2 * bits] = kAlphabet[bits >> 6U];
    pairs[2 * bits + 1] = kAlphabet[bits & 0x3FU];
  }
  return pairs;
}();

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

std::uint32_t digit_of(char c) {
  return kDigits[static_cast<unsigned char>(c)];
}

std::uint32_t byte_of(char c) {
  return static_cast<unsigned char>(c);
}

Error refused(std::string_view object, const std::string& reason) {
  return Error{ErrorKind::kInvalid, "base: decode base64 '" + std::string(object) + "': " + reason};
}

// Decodes whole groups of four digits. Returns false when there was a character that is none; to
// look at that once, at the end, keeps branches out of the loop.
bool decode_groups(std::string_view digits, char* out) {
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < digits.size(); i += 4, out += 3) {
    const std::uint32_t a = digit_of(digits[i]);
    const std::uint32_t b = digit_of(digits[i + 1]);
    const std::uint32_t c = digit_of(digits[i + 2]);
    const std::uint32_t d = digit_of(digits[i + 3]);
    seen |= a | b | c | d;
    const std::uint32_t bits = a << 18U | b << 12U | c << 6U | d;
    out[0] = static_cast<char>(bits >> 16U & 0xFFU);
    out[1] = static_cast<char>(bits >> 8U & 0xFFU);
    out[2] = static_cast<char>(bits & 0xFFU);
  }
  return seen < 64;
}

Error first_bad_character(std::string_view object, std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && digit_of(text[at]) != kNoDigit) ++at;
  const bool padding = at < text.size() && text[at] == '=';
  return refused(object, "expected a base64 digit at offset " + std::to_string(at) +
                             (padding ? ", got padding" : ", got another character"));
}

}  // namespace

void encode_base64(std::string_view bytes, char* out) {
  std::size_t i = 0;
  for (; bytes.size() - i >= 3; i += 3, out += 4) {
    const std::uint32_t bits =
        byte_of(bytes[i]) << 16U | byte_of(bytes[i + 1]) << 8U | byte_of(bytes[i + 2]);
    std::memcpy(out, &kPairs[std::size_t{2} * (bits >> 12U)], 2);
    std::memcpy(out + 2, &kPairs[std::size_t{2} * (bits & 0xFFFU)], 2);
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  const std::uint32_t second = left == 2 ? byte_of(bytes[i + 1]) : 0;
  const std::uint32_t bits = byte_of(bytes[i]) << 16U | second << 8U;
  std::memcpy(out, &kPairs[std::size_t{2} * (bits >> 12U)], 2);
  out[2] = left == 2 ? kAlphabet[bits >> 6U & 0x3FU] : '=';
  out[3] = '=';
}

Result<std::string> decode_base64(std::string_view text, std::string_view object) {
  if (text.size() % 4 != 0) {
    return refused(object,
                   "expected a multiple of 4 characters, got " + std::to_string(text.size()));
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = text.substr(0, text.size() - padding);
  const std::size_t grouped = digits.size() / 4 * 4;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (!decode_groups(digits.substr(0, grouped), bytes.data())) {
    return first_bad_character(object, digits);
  }
  if (padding > 0) {
    // The last group, with zero bits in the place of the padding.
    std::array<char, 4> last{'A', 'A', 'A', 'A'};
    digits.copy(last.data(), 4, grouped);
    const std::size_t at = grouped / 4 * 3;
    if (!decode_groups({last.data(), last.size()}, bytes.data() + at)) {
      return first_bad_character(object, digits);
    }
    const std::size_t kept = 3 - padding;
    if (bytes[at + kept] != 0) {
      return refused(object, "expected zero bits before the padding, got others");
    }
    bytes.resize(at + kept);
  }
  return bytes;
}

}  // namespace phork::base
