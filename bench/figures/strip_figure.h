// SPDX-License-Identifier: MIT
//
// A figure of rows along one axis, as HTML: each row has its name, a strip that is as wide as the
// page lets it be, and its figures in words. The strips are SVG that stretches, the words are text
// of the page, so that both can be read on a telephone. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/figures/axis.h"

namespace phork::bench {

// How many values there are around each part of an axis: relative heights, of which the highest
// is 1. Values are smoothed along the axis.
std::vector<double> density(const Axis& axis, const std::vector<double>& values);

// What a strip shows; all of it is optional. Values are on the axis.
struct Strip {
  std::string label;
  std::size_t colour = 0;
  bool chosen = false;          // the one to look at
  std::vector<double> above{};  // values, as a hill that stands on the middle line
  std::vector<double> below{};  // as a hill that hangs from it
  std::vector<double> dots{};   // one for each value
  std::vector<double> bar{};    // ends of the parts of a bar that begins at the low end
  std::vector<double> span{};   // two values with a line between them
  std::vector<double> ticks{};  // short upright lines
  std::string words{};          // at the right
  std::string description{};    // the row in a sentence, for those who do not see it
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

// A <figure>; `behind` is the markup of a table with its figures, shown on request.
std::string draw_strips(const StripFigure& figure, const std::string& behind);

}  // namespace phork::bench
