// SPDX-License-Identifier: MIT
#include "emulator/observe/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace phork::emulator {
namespace {

const std::array<std::int64_t, kLatencyBuckets>& bucket_limits() {
  static const std::array<std::int64_t, kLatencyBuckets> limits = [] {
    std::array<std::int64_t, kLatencyBuckets> made{};
    for (std::size_t n = 0; n < made.size(); ++n) {
      made[n] = std::llround(16.0 * std::exp2(static_cast<double>(n) / 8.0));
    }
    return made;
  }();
  return limits;
}

std::size_t bucket_of(std::int64_t latency_us) {
  const auto& limits = bucket_limits();
  const auto found = std::ranges::upper_bound(limits, latency_us);
  return std::min(static_cast<std::size_t>(found - limits.begin()), kLatencyBuckets - 1);
}

}  // namespace

std::int64_t bucket_limit_us(std::size_t bucket) {
  return bucket_limits()[std::min(bucket, kLatencyBuckets - 2)];
}

void LatencyHistogram::add(std::chrono::microseconds latency) {
  ++count;
  ++buckets[bucket_of(latency.count())];
}

// Within a bucket values are taken to lie evenly.
std::int64_t LatencyHistogram::percentile_us(double percent) const {
  const double rank = std::max(1.0, std::ceil(percent / 100.0 * static_cast<double>(count)));
  double before = 0;
  for (std::size_t n = 0; n < kLatencyBuckets; ++n) {
    const auto here = static_cast<double>(buckets[n]);
    if (before + here < rank) {
      before += here;
      continue;
    }
    const auto low = static_cast<double>(n == 0 ? 0 : bucket_limit_us(n - 1));
    const double share = (rank - before - 0.5) / here;
    return std::llround(low + (static_cast<double>(bucket_limit_us(n)) - low) * share);
  }
  return 0;
}

}  // namespace phork::emulator
