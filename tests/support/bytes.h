// SPDX-License-Identifier: MIT
//
// Helpers for the tests of codecs: bytes as hex, copies that a sanitizer can guard, and streams cut
// at random places.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace phork::testing {

inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += kDigits[value >> 4U];
    hex += kDigits[value & 15U];
  }
  return hex;
}

// Spaces in `hex` are for the reader.
inline std::string from_hex(std::string hex) {
  std::erase(hex, ' ');
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// Bytes in an allocation of exactly their size, so that a sanitizer sees a read past the end.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::string_view bytes)
      : bytes_(std::make_unique<char[]>(bytes.size())), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }

  std::string_view view() const { return {bytes_.get(), size_}; }

  bool holds(std::string_view part) const {
    return part.empty() ||
           (part.data() >= bytes_.get() && part.data() + part.size() <= bytes_.get() + size_);
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

// Every single-bit change of `bytes`, one after the other.
template <typename Use>
void for_each_bit_flip(const std::string& bytes, Use use) {
  std::string flipped = bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      flipped[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ (1U << bit));
      use(flipped);
    }
    flipped[i] = bytes[i];
  }
}

// `bytes` in chunks of 1 to `most` bytes.
inline std::vector<std::string_view> random_chunks(std::string_view bytes, std::size_t most,
                                                   std::mt19937& random) {
  std::vector<std::string_view> chunks;
  std::uniform_int_distribution<std::size_t> chunk_size(1, most);
  while (!bytes.empty()) {
    chunks.push_back(bytes.substr(0, chunk_size(random)));
    bytes.remove_prefix(chunks.back().size());
  }
  return chunks;
}

inline std::string random_bytes(std::size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  std::uniform_int_distribution<int> byte(0, 255);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(byte(random)); });
  return bytes;
}

}  // namespace phork::testing
