// SPDX-License-Identifier: MIT
//
// Shared by the fuzzers: checks that stay in every build, inputs in an allocation of exactly their
// size, and streams that are cut where the input itself says. Test code only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/support/bytes.h"

namespace phork::fuzz {

// Ends the process and names the claim that does not hold; the fuzzer records the crash.
inline void require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: expected that %s\n", claim);
  std::abort();
}

// The address sanitizer sees a read past the end.
using testing::GuardedBytes;

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the first byte off `text`; 0 when it is empty.
inline std::uint8_t take_byte(std::string_view& text) {
  if (text.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  return byte;
}

// Cuts `bytes` into pieces whose sizes follow from `seed`; 0 leaves them in one piece.
inline std::vector<std::string_view> cut(std::string_view bytes, std::uint8_t seed) {
  if (seed == 0) return {bytes};
  std::mt19937 random(seed);
  return testing::random_chunks(bytes, seed, random);
}

}  // namespace phork::fuzz
