// SPDX-License-Identifier: MIT
//
// What may be said of samples: percentiles by nearest rank, ratios of two sets that were measured
// in the same rounds, and how sure such a ratio is. Pure; the same samples always give the same
// figures, since resampling draws from a generator with a fixed seed. A percentile of no samples
// is 0, a ratio to 0 is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace phork::bench {

using Samples = std::vector<std::int64_t>;
// Of one round each. Round n of two subjects ran one right after the other.
using Rounds = std::vector<Samples>;

// Samples in order, asked for any number of percentiles.
class Distribution {
 public:
  explicit Distribution(Samples samples);

  std::size_t count() const { return sorted_.size(); }

  // The value at rank ceil(percent/100 * n), so always one that was measured.
  std::int64_t percentile(double percent) const;

  std::int64_t p50() const { return percentile(50); }

 private:
  Samples sorted_;
};

// The samples of all rounds in one.
Samples pooled(const Rounds& rounds);

// The middle value, or the mean of the two in the middle; 0 of none.
double median(std::vector<double> values);

// A percentile of all samples of `of` as a multiple of that of `to`.
double ratio_of_percentiles(const Rounds& of, const Rounds& to, double percent);

// The same ratio within each round that both have.
std::vector<double> ratios_by_round(const Rounds& of, const Rounds& to, double percent);

struct Interval {
  double low = 0;
  double high = 0;
};

// The smallest and the largest; zeros of none.
Interval range_of(const std::vector<double>& values);

// Where the ratio of the medians lies with 95 % confidence: a two-stage percentile bootstrap, which
// draws rounds in pairs and then samples within each, since samples of one round resemble one
// another more than those of two. https://doi.org/10.1214/aos/1176344552
Interval ratio_interval(const Rounds& of, const Rounds& to);

// Likewise where a percentile of all samples lies; one round says nothing of how rounds differ, so
// that its interval is too narrow. Zeros of none.
Interval percentile_interval(const Rounds& rounds, double percent);

// Where the median of values lies with 95 % confidence that were taken once in each round: a
// percentile bootstrap over the rounds. Zeros of none.
Interval median_interval(const std::vector<double>& values);

// How much `y` grows with each step of `x` by least squares; 0 for less than two different `x`.
double slope(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace phork::bench
