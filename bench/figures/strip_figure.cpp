// SPDX-License-Identifier: MIT
#include "bench/figures/strip_figure.h"

#include <algorithm>
#include <cmath>

#include "bench/figures/html.h"
#include "bench/figures/text.h"

namespace phork::bench {
namespace {

// The units of a strip, before it is stretched.
constexpr double kWidth = 1000;
constexpr double kHeight = 40;
constexpr double kMiddle = 20;
constexpr double kHill = 18;
constexpr int kBins = 200;
// Standard deviation of the smoothing, in bins: one hundredth of the axis.
constexpr double kSmoothing = 2;
// Lower parts of a hill are invisible.
constexpr double kLeastHeight = 0.004;

double x_of(const Axis& axis, double value) {
  return axis.position(value) * kWidth;
}

void append_line(std::string& out, const char* style, double x1, double y1, double x2, double y2) {
  append_format(out, R"(<path class="%s" d="M%.1f %.1fL%.1f %.1f"/>)", style, x1, y1, x2, y2);
}

void append_grid(std::string& out, const Axis& axis) {
  out += R"(<path class="grid" d=")";
  for (const double tick : axis.ticks()) {
    append_format(out, "M%.1f 0V%.0f", x_of(axis, tick), kHeight);
  }
  out += "\"/>";
}

// A line without length, with round ends, is a dot that stays round when the strip is stretched.
void append_dot(std::string& out, const char* style, double x) {
  append_format(out, R"(<path class="%s" d="M%.1f %.0fh.01"/>)", style, x, kMiddle);
}

// One closed shape, up or down from the middle line, for each stretch of the axis with values.
void append_hill(std::string& out, const char* style, const std::vector<double>& heights,
                 double direction) {
  append_format(out, R"(<path class="%s" d=")", style);
  const double step = kWidth / static_cast<double>(heights.size());
  bool open = false;
  for (std::size_t i = 0; i <= heights.size(); ++i) {
    const double height = i < heights.size() ? heights[i] : 0;
    const double x = (static_cast<double>(i) + 0.5) * step;
    if (height < kLeastHeight) {
      if (open) append_format(out, "L%.1f %.0fZ", x, kMiddle);
      open = false;
      continue;
    }
    if (!open) append_format(out, "M%.1f %.0f", std::max(0.0, x - step), kMiddle);
    append_format(out, "L%.1f %.1f", x, kMiddle + direction * kHill * height);
    open = true;
  }
  out += "\"/>";
}

void append_bar(std::string& out, const Axis& axis, const std::vector<double>& ends) {
  double from = 0;
  bool first = true;
  for (const double end : ends) {
    const double to = x_of(axis, end);
    append_format(out, R"(<rect class="%s" x="%.1f" y="11" width="%.1f" height="18"/>)",
                  first ? "bar" : "bar more", from, std::max(0.0, to - from));
    from = to;
    first = false;
  }
}

std::string strip_svg(const Axis& axis, const Strip& strip) {
  std::string out;
  append_format(out, R"(<svg viewBox="0 0 %.0f %.0f" preserveAspectRatio="none" role="img">)",
                kWidth, kHeight);
  out += "<title>" + escape(strip.description) + "</title>";
  append_grid(out, axis);
  if (!strip.above.empty()) append_hill(out, "hill", density(axis, strip.above), -1);
  if (!strip.below.empty()) append_hill(out, "hill spaced", density(axis, strip.below), 1);
  append_bar(out, axis, strip.bar);
  if (strip.span.size() == 2) {
    append_line(out, "span", x_of(axis, strip.span[0]), kMiddle, x_of(axis, strip.span[1]),
                kMiddle);
    append_dot(out, "dot", x_of(axis, strip.span[0]));
    append_dot(out, "dot hollow", x_of(axis, strip.span[1]));
    append_dot(out, "dot hole", x_of(axis, strip.span[1]));
  }
  for (const double value : strip.dots) append_dot(out, "dot small", x_of(axis, value));
  for (const double value : strip.ticks) {
    const double x = x_of(axis, value);
    append_line(out, "tick", x, 3, x, kHeight - 3);
  }
  return out += "</svg>";
}

// Labels below the grid lines.
std::string axis_row(const StripFigure& figure) {
  std::string out = R"(<div class="axis" aria-hidden="true"><div class="scale">)";
  for (const double tick : figure.axis.ticks()) {
    append_format(out, R"(<span style="left:%.2f%%">)", figure.axis.position(tick) * 100);
    out += escape(round_number(tick)) + "</span>";
  }
  out += R"(</div><div class="unit">)" + escape(figure.unit) + "</div></div>\n";
  return out;
}

}  // namespace

std::vector<double> density(const Axis& axis, const std::vector<double>& values) {
  std::vector<double> counts(kBins, 0);
  for (const double value : values) {
    const auto bin = static_cast<std::size_t>(std::lround(axis.position(value) * (kBins - 1)));
    counts[bin] += 1;
  }
  std::vector<double> smooth(kBins, 0);
  constexpr int kReach = 8;
  for (int bin = 0; bin < kBins; ++bin) {
    const int from = std::max(0, bin - kReach);
    const int to = std::min(kBins - 1, bin + kReach);
    for (int other = from; other <= to; ++other) {
      const double distance = (bin - other) / kSmoothing;
      smooth[static_cast<std::size_t>(bin)] +=
          counts[static_cast<std::size_t>(other)] * std::exp(-distance * distance / 2);
    }
  }
  const double highest = *std::ranges::max_element(smooth);
  if (highest > 0) {
    for (double& height : smooth) height /= highest;
  }
  return smooth;
}

std::string draw_strips(const StripFigure& figure, const std::string& details) {
  std::string out =
      open_figure(figure.id, figure.wide ? "strips full" : "strips", figure.title, figure.about);
  out += "<div class=\"rows\">\n";
  for (const Strip& strip : figure.strips) {
    append_format(out, R"(<div class="row c%zu%s"><div class="name">)", strip.colour % 8,
                  strip.chosen ? " chosen" : "");
    out += escape(strip.label) + "</div><div class=\"strip\">" + strip_svg(figure.axis, strip) +
           "</div><div class=\"words\">" + escape(strip.words) + "</div></div>\n";
  }
  out += axis_row(figure) + "</div>\n";
  return out += close_figure(figure.title, details);
}

}  // namespace phork::bench
