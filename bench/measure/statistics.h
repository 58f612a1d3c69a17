// SPDX-License-Identifier: MIT
//
// Statistics of samples: percentiles by nearest rank, ratios of two sets that were measured in the
// same rounds, and confidence intervals. Pure; the same samples always give the same figures, as
// resampling draws from a generator with a fixed seed. A percentile of no samples is 0, and so is a
// ratio to 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "emulator/observe/statistics.h"

namespace phork::bench {

using Samples = std::vector<std::int64_t>;
// The samples of each round. Rounds n of two subjects ran right after one another.
using Rounds = std::vector<Samples>;

using emulator::percentile;

// The samples of all rounds together.
Samples pooled(const Rounds& rounds);

// A percentile of the samples of all rounds.
std::int64_t pooled_percentile(const Rounds& rounds, double percent);

// The middle value, or the mean of the two in the middle; 0 without values.
double median(std::vector<double> values);

// A percentile of all samples of `of`, divided by that of `to`.
double ratio_of_percentiles(const Rounds& of, const Rounds& to, double percent);

// The same ratio within each round that both have.
std::vector<double> ratios_by_round(const Rounds& of, const Rounds& to, double percent);

struct Interval {
  double low = 0;
  double high = 0;
};

// The smallest and the largest value; zeros without values.
Interval range_of(const std::vector<double>& values);

// The 95 % confidence interval of the ratio of the medians, by a two-stage percentile bootstrap: it
// draws rounds in pairs and then samples within each, as samples of one round resemble one another
// more than samples of two rounds. https://doi.org/10.1214/aos/1176344552
Interval ratio_interval(const Rounds& of, const Rounds& to);

// The 95 % confidence interval of a percentile of all samples, by the same method. With one round
// it is too narrow, because it cannot show how rounds differ. Zeros without samples.
Interval percentile_interval(const Rounds& rounds, double percent);

// The 95 % confidence interval of the median of values that were measured once in each round: a
// percentile bootstrap over the rounds. Zeros without values.
Interval median_interval(const std::vector<double>& values);

// The slope of `y` over `x` by least squares; 0 for fewer than two different values of `x`.
double slope(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace phork::bench
