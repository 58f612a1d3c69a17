// SPDX-License-Identifier: MIT
//
// One axis of a figure: the position of values between its two ends, and the values of its marks.
// Pure.
#pragma once

#include <vector>

namespace phork::bench {

class Axis {
 public:
  // From zero to a round number.
  static Axis linear(double highest);
  // Between round numbers (1, 2 or 5 times a power of ten) that include all `values` above zero;
  // others are ignored.
  static Axis logarithmic(const std::vector<double>& values);

  // 0 at the low end, 1 at the high end. Values beyond an end are at that end.
  double position(double value) const;

  const std::vector<double>& ticks() const { return ticks_; }

 private:
  Axis(double low, double high, bool logarithmic)
      : low_(low), high_(high), logarithmic_(logarithmic) {}

  double low_;
  double high_;
  bool logarithmic_;
  std::vector<double> ticks_;
};

// The distance of grid lines that gives at most `most` of them up to `highest`: 1, 2 or 5 times a
// power of ten.
double grid_step(double highest, int most);

}  // namespace phork::bench
