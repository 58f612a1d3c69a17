// SPDX-License-Identifier: MIT
//
// A reader of application/vnd.amazon.eventstream, written from the specification and not from the
// writer under test: even the checksum is computed in another way.
// https://smithy.io/2.0/aws/amazon-eventstream.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phork::testing {

// CRC-32 by its definition, bit by bit.
inline std::uint32_t bitwise_crc(std::string_view bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (const char byte : bytes) {
    remainder ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ 0xEDB88320;
    }
  }
  return ~remainder;
}

inline std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

struct EventFrame {
  std::map<std::string, std::string> headers;
  std::string payload;

  std::string type() const {
    const auto found = headers.find(":event-type");
    return found == headers.end() ? std::string() : found->second;
  }
};

// Nothing unless `bytes` are exactly one valid frame.
inline std::optional<EventFrame> decode_frame(std::string_view bytes) {
  if (bytes.size() < 16 || big_endian(bytes.substr(0, 4)) != bytes.size()) return std::nullopt;
  const std::size_t headers_size = big_endian(bytes.substr(4, 4));
  if (big_endian(bytes.substr(8, 4)) != bitwise_crc(bytes.substr(0, 8))) return std::nullopt;
  const std::string_view checked = bytes.substr(0, bytes.size() - 4);
  if (big_endian(bytes.substr(checked.size())) != bitwise_crc(checked)) return std::nullopt;
  if (headers_size > bytes.size() - 16) return std::nullopt;
  EventFrame frame;
  for (std::string_view rest = bytes.substr(12, headers_size); !rest.empty();) {
    const std::size_t name_size = big_endian(rest.substr(0, 1));
    const std::string name(rest.substr(1, name_size));
    rest.remove_prefix(1 + name_size);
    constexpr char kText = 7;
    if (rest.front() != kText) return std::nullopt;
    const std::size_t value_size = big_endian(rest.substr(1, 2));
    frame.headers[name] = rest.substr(3, value_size);
    rest.remove_prefix(3 + value_size);
  }
  frame.payload = bytes.substr(12 + headers_size, bytes.size() - 16 - headers_size);
  return frame;
}

// Removes the whole frames at the beginning of `bytes`.
inline std::vector<EventFrame> take_frames(std::string& bytes) {
  std::vector<EventFrame> frames;
  while (bytes.size() >= 4) {
    const std::size_t size = big_endian(std::string_view(bytes).substr(0, 4));
    if (size > bytes.size()) break;
    std::optional<EventFrame> frame = decode_frame(std::string_view(bytes).substr(0, size));
    if (!frame) break;
    frames.push_back(std::move(*frame));
    bytes.erase(0, size);
  }
  return frames;
}

}  // namespace phork::testing
