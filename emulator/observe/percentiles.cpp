// SPDX-License-Identifier: MIT
#include "emulator/observe/percentiles.h"

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

std::int64_t percentile(std::vector<std::int64_t> samples, double percent) {
  if (samples.empty()) return 0;
  const auto count = static_cast<double>(samples.size());
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(percent / 100.0 * count)));
  const auto chosen = samples.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(samples, chosen);
  return *chosen;
}

Percentiles Percentiles::of(const std::vector<std::int64_t>& samples) {
  return {percentile(samples, 50), percentile(samples, 90), percentile(samples, 99)};
}

std::int64_t bucket_limit_us(std::size_t bucket) {
  return bucket_limits()[std::min(bucket, kLatencyBuckets - 2)];
}

void LatencyHistogram::add(std::chrono::microseconds latency) {
  ++count;
  ++buckets[bucket_of(latency.count())];
}

// Assumes that values are spread evenly within a bucket.
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
