// SPDX-License-Identifier: MIT
//
// A line plot as SVG, readable on light and on dark ground: no background of its own, and colours
// that follow the reader's scheme. x is drawn logarithmically, as sizes double; y begins at zero,
// so that a line that looks flat is flat. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace phork::bench {

struct PlotPoint {
  double x = 0;  // more than zero
  double y = 0;
};

struct PlotLine {
  std::string label;
  std::size_t colour = 0;  // lines of one number have one colour
  bool dashed = false;
  std::vector<PlotPoint> points;
};

struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<PlotLine> lines;
};

std::string draw_svg(const Plot& plot);

// The distance of grid lines that makes at most `most` of them up to `highest`: 1, 2 or 5 times a
// power of ten.
double grid_step(double highest, int most);

}  // namespace phork::bench
