// SPDX-License-Identifier: MIT
//
// Lines over sizes: x is logarithmic, as sizes double. Each line has its name at its end and may
// have a band down to the lowest that its value can be. A figure is drawn into the page, in the
// page's colours, or as an SVG file of its own. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace phork::bench {

struct LinePoint {
  double x = 0;                 // above zero
  double y = 0;                 // above zero where the axis is logarithmic
  std::optional<double> low{};  // lower end of the band, at most y
};

struct Line {
  std::string label;
  std::size_t colour = 0;
  bool chosen = false;  // drawn above the others and thicker
  bool dashed = false;
  std::vector<LinePoint> points;  // in order of x
};

struct LineFigure {
  std::string id{};  // of the element, unique in the page
  std::string title;
  std::string about{};  // how to read it
  std::string x_label{};
  std::string y_label{};
  std::string description{};  // text alternative
  bool from_zero = false;     // y is linear from zero, so that a line that looks flat is flat
  std::vector<Line> lines;    // those without points are left out
};

// A <figure> of the page. `details` is the markup of a table with the figure's values, shown on
// request.
std::string draw_lines(const LineFigure& figure, const std::string& details);

// An SVG file without a background, whose colours follow the reader's light or dark scheme.
std::string draw_svg(const LineFigure& figure);

// Heights as close to `wanted` as possible, in the same order, with `distance` between neighbours.
std::vector<double> spread(std::vector<double> wanted, double distance);

}  // namespace phork::bench
