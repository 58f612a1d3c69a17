// SPDX-License-Identifier: MIT
#include "bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace phork::bench {
namespace {

// A thousand leave the bounds of a 95 % interval steady in the second digit.
constexpr int kResamples = 1000;
constexpr std::uint32_t kSeed = 20'260'801;
// Samples drawn of one round: the median of more is no better known, only slower to find.
constexpr std::size_t kMostDrawn = 400;

double as_ratio(std::int64_t of, std::int64_t to) {
  return to == 0 ? 0 : static_cast<double>(of) / static_cast<double>(to);
}

std::size_t draw_index(std::mt19937& random, std::size_t size) {
  return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
}

// As many of `round` as it has, drawn with replacement, behind `drawn`.
void draw_samples(std::mt19937& random, const Samples& round, Samples& drawn) {
  const std::size_t count = std::min(round.size(), kMostDrawn);
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(round[draw_index(random, round.size())]);
}

std::int64_t middle_of(Samples& samples) {
  if (samples.empty()) return 0;
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() - 1) / 2);
  std::ranges::nth_element(samples, middle);
  return *middle;
}

}  // namespace

Distribution::Distribution(Samples samples) : sorted_(std::move(samples)) {
  std::ranges::sort(sorted_);
}

std::int64_t Distribution::percentile(double percent) const {
  if (sorted_.empty()) return 0;
  const double rank = std::ceil(percent / 100.0 * static_cast<double>(sorted_.size()));
  const auto last = static_cast<double>(sorted_.size());
  return sorted_[static_cast<std::size_t>(std::clamp(rank, 1.0, last)) - 1];
}

Samples pooled(const Rounds& rounds) {
  Samples all;
  for (const Samples& round : rounds) all.insert(all.end(), round.begin(), round.end());
  return all;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double ratio_of_percentiles(const Rounds& of, const Rounds& to, double percent) {
  return as_ratio(Distribution(pooled(of)).percentile(percent),
                  Distribution(pooled(to)).percentile(percent));
}

std::vector<double> ratios_by_round(const Rounds& of, const Rounds& to, double percent) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) {
    ratios.push_back(
        as_ratio(Distribution(of[i]).percentile(percent), Distribution(to[i]).percentile(percent)));
  }
  return ratios;
}

Interval range_of(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::ranges::minmax(values);
  return {low, high};
}

Interval ratio_interval(const Rounds& of, const Rounds& to) {
  const std::size_t rounds = std::min(of.size(), to.size());
  if (rounds == 0) return {};
  std::mt19937 random(kSeed);
  std::vector<double> ratios;
  Samples drawn_of;
  Samples drawn_to;
  for (int i = 0; i < kResamples; ++i) {
    drawn_of.clear();
    drawn_to.clear();
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t chosen = draw_index(random, rounds);
      draw_samples(random, of[chosen], drawn_of);
      draw_samples(random, to[chosen], drawn_to);
    }
    ratios.push_back(as_ratio(middle_of(drawn_of), middle_of(drawn_to)));
  }
  std::ranges::sort(ratios);
  // 2.5 % lie below and as many above.
  constexpr std::size_t kTail = kResamples / 40;
  return {ratios[kTail], ratios[kResamples - 1 - kTail]};
}

double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const std::size_t count = std::min(x.size(), y.size());
  if (count == 0) return 0;
  const auto end = static_cast<std::ptrdiff_t>(count);
  const double mean_x = std::accumulate(x.begin(), x.begin() + end, 0.0) / static_cast<double>(end);
  const double mean_y = std::accumulate(y.begin(), y.begin() + end, 0.0) / static_cast<double>(end);
  double covariance = 0;
  double variance = 0;
  for (std::size_t i = 0; i < count; ++i) {
    covariance += (x[i] - mean_x) * (y[i] - mean_y);
    variance += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return variance == 0 ? 0 : covariance / variance;
}

}  // namespace phork::bench
