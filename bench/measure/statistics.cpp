// SPDX-License-Identifier: MIT
#include "bench/measure/statistics.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

namespace phork::bench {
namespace {

// With a thousand, the bounds of a 95 % interval are steady in the second digit.
constexpr int kResamples = 1000;
constexpr std::uint32_t kSeed = 20'260'801;
// Limits of samples drawn from one round. More do not narrow the interval of a median. A percentile
// at the edge needs all samples up to a size that takes too long; fewer widen its interval.
constexpr std::size_t kMostDrawn = 400;
constexpr std::size_t kMostDrawnAtEdge = 2000;

double as_ratio(std::int64_t of, std::int64_t to) {
  return to == 0 ? 0 : static_cast<double>(of) / static_cast<double>(to);
}

std::size_t draw_index(std::mt19937& random, std::size_t size) {
  return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
}

// Appends to `drawn` as many samples of `round` as it has, at most `most`, with replacement.
void draw_samples(std::mt19937& random, const Samples& round, std::size_t most, Samples& drawn) {
  const std::size_t count = std::min(round.size(), most);
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(round[draw_index(random, round.size())]);
}

// The interval without the lowest and the highest 2.5 % of the resamples.
Interval middle_of(std::vector<double> resampled) {
  constexpr std::size_t kTail = kResamples / 40;
  std::ranges::sort(resampled);
  return {resampled[kTail], resampled[kResamples - 1 - kTail]};
}

}  // namespace

Samples pooled(const Rounds& rounds) {
  Samples all;
  for (const Samples& round : rounds) all.insert(all.end(), round.begin(), round.end());
  return all;
}

std::int64_t pooled_percentile(const Rounds& rounds, double percent) {
  return percentile(pooled(rounds), percent);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double ratio_of_percentiles(const Rounds& of, const Rounds& to, double percent) {
  return as_ratio(pooled_percentile(of, percent), pooled_percentile(to, percent));
}

std::vector<double> ratios_by_round(const Rounds& of, const Rounds& to, double percent) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) {
    ratios.push_back(as_ratio(percentile(of[i], percent), percentile(to[i], percent)));
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
      draw_samples(random, of[chosen], kMostDrawn, drawn_of);
      draw_samples(random, to[chosen], kMostDrawn, drawn_to);
    }
    ratios.push_back(as_ratio(percentile(drawn_of, 50), percentile(drawn_to, 50)));
  }
  return middle_of(std::move(ratios));
}

Interval percentile_interval(const Rounds& rounds, double percent) {
  if (rounds.empty()) return {};
  std::mt19937 random(kSeed);
  std::vector<double> resampled;
  Samples drawn;
  for (int i = 0; i < kResamples; ++i) {
    drawn.clear();
    for (std::size_t round = 0; round < rounds.size(); ++round) {
      const Samples& chosen = rounds[draw_index(random, rounds.size())];
      draw_samples(random, chosen, kMostDrawnAtEdge, drawn);
    }
    resampled.push_back(static_cast<double>(percentile(drawn, percent)));
  }
  return middle_of(std::move(resampled));
}

Interval median_interval(const std::vector<double>& values) {
  if (values.empty()) return {};
  std::mt19937 random(kSeed);
  std::vector<double> resampled;
  for (int i = 0; i < kResamples; ++i) {
    std::vector<double> drawn;
    for (std::size_t n = 0; n < values.size(); ++n) {
      drawn.push_back(values[draw_index(random, values.size())]);
    }
    resampled.push_back(median(std::move(drawn)));
  }
  return middle_of(std::move(resampled));
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
