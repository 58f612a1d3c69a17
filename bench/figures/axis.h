// SPDX-License-Identifier: MIT
//
// One axis of a figure: where a value is between its two ends, and at which values it is marked.
// Pure.
#pragma once

#include <string>
#include <vector>

namespace phork::bench {

class Axis {
 public:
  // From zero to a round number.
  static Axis linear(double highest);
  // Between round numbers, 1, 2 or 5 times a power of ten, that hold all `values`; those that are
  // not above zero are left out.
  static Axis logarithmic(const std::vector<double>& values);

  // 0 at the low end, 1 at the high one; what is outside is at the end.
  double position(double value) const;

  double low() const { return low_; }

  double high() const { return high_; }

  // The value at a position: position() the other way round.
  double value_at(double position) const;

  const std::vector<double>& ticks() const { return ticks_; }

 private:
  Axis(double low, double high, bool logarithmic)
      : low_(low), high_(high), logarithmic_(logarithmic) {}

  double low_;
  double high_;
  bool logarithmic_;
  std::vector<double> ticks_;
};

}  // namespace phork::bench
