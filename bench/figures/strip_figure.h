// SPDX-License-Identifier: MIT
//
// A figure of rows along one axis, as HTML. Each row has a name, a strip and its values as text.
// The strips are SVG that stretches to the width of the page; text stays outside of them, so that
// both are readable on a telephone. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/figures/axis.h"

namespace phork::bench {

// The density of values along an axis: smoothed heights, of which the highest is 1.
std::vector<double> density(const Axis& axis, const std::vector<double>& values);

// One row. All parts of the strip are optional; values are in units of the axis.
struct Strip {
  std::string label;
  std::size_t colour = 0;
  bool chosen = false;          // the recommended one
  std::vector<double> above{};  // values, drawn as a hill that stands on the middle line
  std::vector<double> below{};  // values, drawn as a hill that hangs from it
  std::vector<double> dots{};   // one for each value
  std::vector<double> bar{};    // ends of the parts of a bar that begins at the low end
  std::vector<double> span{};   // two values with a line between them
  std::vector<double> ticks{};  // short upright lines
  std::string words{};          // text at the right
  std::string description{};    // text alternative of the strip
};

struct StripFigure {
  std::string id;  // of the element, unique in the page
  std::string title;
  std::string about;  // how to read it
  Axis axis;
  std::string unit;
  bool wide = false;  // as wide as the page
  std::vector<Strip> strips{};
};

// A <figure> of the page. `details` is the markup of a table with the figure's values, shown on
// request.
std::string draw_strips(const StripFigure& figure, const std::string& details);

}  // namespace phork::bench
