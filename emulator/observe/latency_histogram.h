// SPDX-License-Identifier: MIT
//
// Latencies of one strategy, counted in buckets that grow by an eighth of a power of two, so that a
// percentile read from them is known to a tenth. Fixed size however many there are. A plain value.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace phork::emulator {

inline constexpr std::size_t kLatencyBuckets = 210;

// The upper end of a bucket in microseconds: 16 us * 2^(n/8). A bucket holds what is below its end
// and not below the one before. The last one, from 16 min, has no end and gives its lower one.
std::int64_t bucket_limit_us(std::size_t bucket);

struct LatencyHistogram {
  std::string strategy;
  std::uint64_t count = 0;
  std::array<std::uint64_t, kLatencyBuckets> buckets{};

  void add(std::chrono::microseconds latency);
  // The value below which so many percent are, as far as the buckets tell; 0 without any.
  std::int64_t percentile_us(double percent) const;
};

}  // namespace phork::emulator
