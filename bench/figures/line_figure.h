// SPDX-License-Identifier: MIT
//
// A figure of lines over a few sizes, as HTML with SVG inside; both axes are logarithmic. Each line
// has its name at its end, and a band down to the lowest that the value may be. The colours are the
// page's. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace phork::bench {

struct LinePoint {
  double x = 0;
  double y = 0;    // more than zero
  double low = 0;  // at most y
};

struct Line {
  std::string label;
  std::size_t colour = 0;
  bool chosen = false;
  std::vector<LinePoint> points;  // by x
};

struct LineFigure {
  std::string id;
  std::string title;
  std::string about{};
  std::string x_label{};
  std::string y_label{};
  std::string description{};  // in a sentence, for those who do not see it
  std::vector<Line> lines;
};

std::string draw_lines(const LineFigure& figure, const std::string& behind);

// Heights as close to `wanted` as they can be, in its order, with `distance` between neighbours.
std::vector<double> spread(std::vector<double> wanted, double distance);

}  // namespace phork::bench
