// SPDX-License-Identifier: MIT
#include "bench/figures/axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace phork::bench {
namespace {

constexpr int kMostTicks = 6;
constexpr std::array kSteps{1.0, 2.0, 5.0};
// Relative; keeps a rounding error from moving a value to the next step.
constexpr double kSlack = 1e-9;

// The largest round number that is at most `value`, which is above zero.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value) + kSlack));
  double best = power;
  for (const double step : kSteps) {
    if (step * power <= value * (1 + kSlack)) best = step * power;
  }
  return best;
}

// The smallest round number above `value`, which is above zero.
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
  // Many ticks are too close together: only the powers of ten are left.
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

double grid_step(double highest, int most) {
  if (!(highest > 0)) return 1;
  const double least = highest / most;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= least) return multiple * power;
  }
  return 10 * power;
}

}  // namespace phork::bench
