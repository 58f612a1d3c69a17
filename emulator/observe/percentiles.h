// SPDX-License-Identifier: MIT
//
// Percentiles: exact from all samples, or from a histogram of fixed size. Pure functions and plain
// values.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace phork::emulator {

// The value at rank ceil(percent/100 * n) of the n sorted samples ("nearest rank"): always one of
// the samples. `percent` is 0 to 100; rank 1 for 0. 0 without samples.
std::int64_t percentile(std::vector<std::int64_t> samples, double percent);

struct Percentiles {
  std::int64_t p50 = 0;
  std::int64_t p90 = 0;
  std::int64_t p99 = 0;

  static Percentiles of(const std::vector<std::int64_t>& samples);
};

inline constexpr std::size_t kLatencyBuckets = 210;

// The exclusive upper limit of a bucket in microseconds: 16 us * 2^(bucket/8). The last bucket,
// from 16 min on, has no limit; for it this returns its lower end.
std::int64_t bucket_limit_us(std::size_t bucket);

// Latencies of one strategy. Buckets grow by the factor 2^(1/8), so a percentile is accurate to 10
// %.
struct LatencyHistogram {
  std::string strategy;
  std::uint64_t count = 0;
  std::array<std::uint64_t, kLatencyBuckets> buckets{};

  void add(std::chrono::microseconds latency);
  // The nearest-rank percentile, interpolated within its bucket; 0 without latencies.
  std::int64_t percentile_us(double percent) const;
};

}  // namespace phork::emulator
