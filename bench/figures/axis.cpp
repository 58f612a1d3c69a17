// SPDX-License-Identifier: MIT
#include "bench/figures/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/figures/plot.h"

namespace phork::bench {
namespace {

constexpr int kMostTicks = 6;
constexpr std::array kSteps{1.0, 2.0, 5.0};
// Far enough from one that a value does not escape its step by a rounding error.
constexpr double kSlack = 1e-9;

// The round number at or below, and at or above; both for values above zero.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value) + kSlack));
  double best = power;
  for (const double step : kSteps) {
    if (step * power <= value * (1 + kSlack)) best = step * power;
  }
  return best;
}

double next_round(double value) {
  const double power = std::pow(10, std::floor(std::log10(value) + kSlack));
  for (const double step : kSteps) {
    if (step * power > value * (1 + kSlack)) return step * power;
  }
  return 10 * power;
}

bool is_decade(double value) {
  const double exponent = std::log10(value);
  return std::abs(exponent - std::round(exponent)) < kSlack;
}

}  // namespace

Axis Axis::linear(double highest) {
  const double step = grid_step(highest, kMostTicks);
  const double count = std::max(1.0, std::ceil(highest / step - kSlack));
  Axis axis(0, step * count, false);
  for (int i = 0; i <= static_cast<int>(count); ++i) axis.ticks_.push_back(i * step);
  return axis;
}

Axis Axis::logarithmic(const std::vector<double>& values) {
  double lowest = 0;
  double highest = 0;
  for (const double value : values) {
    if (!(value > 0)) continue;
    lowest = lowest == 0 ? value : std::min(lowest, value);
    highest = std::max(highest, value);
  }
  if (lowest == 0) lowest = highest = 1;
  const double low = round_down(lowest);
  double high = low;
  while (high < highest) high = next_round(high);
  if (high == low) high = next_round(low);
  Axis axis(low, high, true);
  double tick = low;
  while (tick <= high * (1 + kSlack)) {
    axis.ticks_.push_back(tick);
    tick = next_round(tick);
  }
  // Over many decades only these, and over very many every other of them.
  if (axis.ticks_.size() > kMostTicks + 2) {
    std::erase_if(axis.ticks_, [](double each) { return !is_decade(each); });
  }
  return axis;
}

double Axis::position(double value) const {
  double part = 0;
  if (!logarithmic_) {
    part = (value - low_) / (high_ - low_);
  } else if (value > 0) {
    part = std::log(value / low_) / std::log(high_ / low_);
  }
  return std::clamp(part, 0.0, 1.0);
}

double Axis::value_at(double position) const {
  if (!logarithmic_) return low_ + position * (high_ - low_);
  return low_ * std::pow(high_ / low_, position);
}

}  // namespace phork::bench
