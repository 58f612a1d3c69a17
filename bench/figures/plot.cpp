// SPDX-License-Identifier: MIT
#include "bench/figures/plot.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "bench/figures/append_format.h"
#include "bench/figures/markup.h"

namespace phork::bench {
namespace {

// The picture, and in it the rectangle of the axes; the legend stands to the right of that.
constexpr double kWidth = 800;
constexpr double kHeight = 380;
constexpr double kLeft = 64;
constexpr double kRight = 560;
constexpr double kTop = 48;
constexpr double kBottom = 324;
constexpr int kMostGridLines = 6;
constexpr double kLegendStep = 22;

constexpr std::string_view kStyle = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.grid { stroke: #d1d9e0; } .axis { stroke: #59636e; }
.line { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 6 4; }
.c0 { stroke: #0969da; } .c1 { stroke: #bc4c00; } .c2 { stroke: #1a7f37; } .c3 { stroke: #8250df; }
.dot { fill: #ffffff; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .grid { stroke: #30363d; } .axis { stroke: #9198a1; }
.c0 { stroke: #58a6ff; } .c1 { stroke: #f0883e; } .c2 { stroke: #3fb950; } .c3 { stroke: #bc8cff; }
.dot { fill: #0d1117; }
}
</style>
)";
constexpr std::size_t kColours = 4;

void append_text(std::string& out, PlotPoint at, const char* attributes, std::string_view text) {
  append_format(out, R"(<text x="%.1f" y="%.1f" %s>)", at.x, at.y, attributes);
  out += escape(text) + "</text>\n";
}

void append_stroke(std::string& out, const char* style, PlotPoint from, PlotPoint to) {
  append_format(out, R"(<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>)", style, from.x,
                from.y, to.x, to.y);
  out += '\n';
}

// A number with as many digits as it needs.
std::string short_number(double value) {
  std::string text;
  append_format(text, "%.10g", value);
  return text;
}

// Where values are in the picture.
class Scale {
 public:
  explicit Scale(const Plot& plot) {
    double highest = 0;
    for (const PlotLine& line : plot.lines) {
      for (const PlotPoint& point : line.points) {
        xs_.insert(point.x);
        highest = std::max(highest, point.y);
      }
    }
    step_ = grid_step(highest, kMostGridLines);
    top_ = step_ * std::max(1.0, std::ceil(highest / step_));
  }

  const std::set<double>& xs() const { return xs_; }

  double step() const { return step_; }

  double top() const { return top_; }

  double x(double value) const {
    const double span = xs_.empty() ? 0 : std::log2(*xs_.rbegin() / *xs_.begin());
    if (span <= 0) return (kLeft + kRight) / 2;
    // Half a step of room at both ends.
    constexpr double kMargin = 24;
    const double part = std::log2(value / *xs_.begin()) / span;
    return kLeft + kMargin + part * (kRight - kLeft - 2 * kMargin);
  }

  double y(double value) const { return kBottom - value / top_ * (kBottom - kTop); }

 private:
  std::set<double> xs_;
  double step_ = 1;
  double top_ = 1;
};

void append_axes(std::string& out, const Plot& plot, const Scale& scale) {
  const auto lines = static_cast<int>(std::lround(scale.top() / scale.step()));
  for (int i = 0; i <= lines; ++i) {
    const double y = i * scale.step();
    const double at = scale.y(y);
    append_stroke(out, i == 0 ? "axis" : "grid", {kLeft, at}, {kRight, at});
    append_text(out, {kLeft - 8, at + 4}, R"(text-anchor="end")", short_number(y));
  }
  for (const double x : scale.xs()) {
    const double at = scale.x(x);
    append_stroke(out, "axis", {at, kBottom}, {at, kBottom + 5});
    append_text(out, {at, kBottom + 20}, R"(text-anchor="middle")", short_number(x));
  }
  append_text(out, {kLeft, 24}, R"(class="title")", plot.title);
  append_text(out, {(kLeft + kRight) / 2, kBottom + 42}, R"(text-anchor="middle")", plot.x_label);
  append_text(out, {kLeft - 8, kTop - 12}, R"(text-anchor="end")", plot.y_label);
}

void append_line(std::string& out, const PlotLine& line, const Scale& scale) {
  const std::size_t colour = line.colour % kColours;
  append_format(out, R"(<polyline class="line c%zu%s" points=")", colour,
                line.dashed ? " dashed" : "");
  for (const PlotPoint& point : line.points) {
    append_format(out, "%.1f,%.1f ", scale.x(point.x), scale.y(point.y));
  }
  out += "\"/>\n";
  for (const PlotPoint& point : line.points) {
    append_format(out, R"(<circle class="dot c%zu" cx="%.1f" cy="%.1f" r="3.5"/>)", colour,
                  scale.x(point.x), scale.y(point.y));
    out += '\n';
  }
}

void append_legend(std::string& out, const std::vector<PlotLine>& lines) {
  double y = kTop + 8;
  for (const PlotLine& line : lines) {
    const std::string style =
        "line c" + std::to_string(line.colour % kColours) + (line.dashed ? " dashed" : "");
    append_stroke(out, style.c_str(), {kRight + 20, y}, {kRight + 52, y});
    append_text(out, {kRight + 60, y + 4}, "", line.label);
    y += kLegendStep;
  }
}

}  // namespace

double grid_step(double highest, int most) {
  if (!(highest > 0)) return 1;
  const double least = highest / most;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= least) return multiple * power;
  }
  return 10 * power;
}

std::string draw_svg(const Plot& plot) {
  const Scale scale(plot);
  std::string out;
  append_format(out,
                R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img">)",
                kWidth, kHeight);
  out += "\n<title>" + escape(plot.title) + "</title>\n";
  out += kStyle;
  append_axes(out, plot, scale);
  for (const PlotLine& line : plot.lines) append_line(out, line, scale);
  append_legend(out, plot.lines);
  return out += "</svg>\n";
}

}  // namespace phork::bench
