// SPDX-License-Identifier: MIT
#include "bench/figures/line_figure.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "bench/figures/axis.h"
#include "bench/figures/html.h"
#include "bench/figures/text.h"

namespace phork::bench {
namespace {

constexpr double kLabelDistance = 18;
constexpr std::size_t kColours = 8;

// The picture, and in it the rectangle of the axes. The names of lines stand to the right of that.
struct Frame {
  double width;
  double height;
  double left;
  double right;
  double top;
  double bottom;
};

constexpr Frame kPageFrame{640, 320, 56, 520, 28, 272};
// With room for the title and for longer names.
constexpr Frame kFileFrame{800, 380, 64, 600, 64, 324};

// The rules of the page's style that a file needs.
constexpr std::string_view kFileStyle = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #1a1f26; }
.title { font-size: 15px; font-weight: 600; }
.quiet, .end, .middle { fill: #5b6570; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: #e1e5ea; fill: none; }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
.dashed { stroke-dasharray: 6 4; } .band { fill: var(--c); fill-opacity: 0.1; }
.point { fill: #ffffff; stroke: var(--c); stroke-width: 2; } .lead { stroke: var(--c); fill: none; }
.label { fill: var(--c); font-weight: 500; }
.c0 { --c: #b45309; } .c1 { --c: #6b7280; } .c2 { --c: #7c3aed; } .c3 { --c: #0a5bd0; }
.c4 { --c: #047857; } .c5 { --c: #be185d; } .c6 { --c: #0e7490; } .c7 { --c: #854d0e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6eaee; } .quiet, .end, .middle { fill: #98a2ad; } .grid { stroke: #2b323a; }
.point { fill: #11151a; } .label { fill: var(--c); }
.c0 { --c: #f0a050; } .c1 { --c: #a3acb6; } .c2 { --c: #b794f6; } .c3 { --c: #6cb2ff; }
.c4 { --c: #4fc995; } .c5 { --c: #f687b3; } .c6 { --c: #56c7dc; } .c7 { --c: #d9b25f; }
}
</style>
)";

Axis y_axis(const LineFigure& figure) {
  std::vector<double> values;
  for (const Line& line : figure.lines) {
    for (const LinePoint& point : line.points) {
      values.push_back(point.y);
      values.push_back(point.low.value_or(point.y));
    }
  }
  if (!figure.from_zero) return Axis::logarithmic(values);
  return Axis::linear(values.empty() ? 0 : *std::ranges::max_element(values));
}

// Where values are in the picture.
class Plane {
 public:
  Plane(const LineFigure& figure, const Frame& frame) : frame_(frame), y_(y_axis(figure)) {
    for (const Line& line : figure.lines) {
      for (const LinePoint& point : line.points) xs_.insert(point.x);
    }
  }

  double x(double value) const {
    const double span = xs_.empty() ? 0 : std::log(*xs_.rbegin() / *xs_.begin());
    if (span <= 0) return (frame_.left + frame_.right) / 2;
    return frame_.left + std::log(value / *xs_.begin()) / span * (frame_.right - frame_.left);
  }

  double y(double value) const {
    return frame_.bottom - y_.position(value) * (frame_.bottom - frame_.top);
  }

  const Frame& frame() const { return frame_; }

  const std::set<double>& xs() const { return xs_; }

  const std::vector<double>& y_ticks() const { return y_.ticks(); }

 private:
  const Frame& frame_;
  std::set<double> xs_;
  Axis y_;
};

void append_text(std::string& out, double x, double y, const char* style, const std::string& text) {
  append_format(out, R"(<text x="%.1f" y="%.1f" class="%s">)", x, y, style);
  out += escape(text) + "</text>\n";
}

void append_axes(std::string& out, const LineFigure& figure, const Plane& plane) {
  const Frame& frame = plane.frame();
  for (const double tick : plane.y_ticks()) {
    const double y = plane.y(tick);
    append_format(out, R"(<path class="grid" d="M%.1f %.1fH%.1f"/>)", frame.left, y, frame.right);
    append_text(out, frame.left - 8, y + 4, "end", round_number(tick));
  }
  for (const double x : plane.xs()) {
    const double at = plane.x(x);
    append_format(out, R"(<path class="grid" d="M%.1f %.1fv5"/>)", at, frame.bottom);
    append_text(out, at, frame.bottom + 20, "middle", grouped(x));
  }
  append_text(out, (frame.left + frame.right) / 2, frame.bottom + 42, "middle quiet",
              figure.x_label);
  append_text(out, frame.left - 8, frame.top - 12, "quiet", figure.y_label);
}

// The class of a line and its name.
std::string open_group(const Line& line) {
  std::string out;
  append_format(out, R"(<g class="c%zu%s">)", line.colour % kColours, line.chosen ? " chosen" : "");
  return out;
}

void append_band(std::string& out, const Line& line, const Plane& plane) {
  out += R"(<path class="band" d="M)";
  for (const LinePoint& point : line.points) {
    append_format(out, "%.1f %.1fL", plane.x(point.x), plane.y(point.y));
  }
  for (auto point = line.points.rbegin(); point != line.points.rend(); ++point) {
    append_format(out, "%.1f %.1f%s", plane.x(point->x), plane.y(point->low.value_or(point->y)),
                  std::next(point) == line.points.rend() ? "Z" : "L");
  }
  out += "\"/>";
}

void append_line(std::string& out, const Line& line, const Plane& plane) {
  out += open_group(line);
  if (std::ranges::any_of(line.points,
                          [](const LinePoint& point) { return point.low.has_value(); })) {
    append_band(out, line, plane);
  }
  append_format(out, R"(<path class="line%s" d=")", line.dashed ? " dashed" : "");
  const char* command = "M";
  for (const LinePoint& point : line.points) {
    append_format(out, "%s%.1f %.1f", std::exchange(command, "L"), plane.x(point.x),
                  plane.y(point.y));
  }
  out += "\"/>";
  for (const LinePoint& point : line.points) {
    append_format(out, R"(<circle class="point" cx="%.1f" cy="%.1f" r="3"/>)", plane.x(point.x),
                  plane.y(point.y));
  }
  out += "</g>\n";
}

// At the end of each line its name, moved where two would overlap.
void append_labels(std::string& out, const std::vector<const Line*>& lines, const Plane& plane) {
  const auto end_of = [&plane](const Line* line) { return plane.y(line->points.back().y); };
  std::vector<const Line*> order = lines;
  std::ranges::sort(order, {}, end_of);
  std::vector<double> wanted;
  wanted.reserve(order.size());
  for (const Line* line : order) wanted.push_back(end_of(line));
  const std::vector<double> heights = spread(std::move(wanted), kLabelDistance);
  const double right = plane.frame().right;
  for (std::size_t i = 0; i < order.size(); ++i) {
    out += open_group(*order[i]);
    append_format(out, R"(<path class="lead" d="M%.1f %.1fL%.1f %.1f"/>)", right + 5,
                  end_of(order[i]), right + 16, heights[i]);
    append_text(out, right + 20, heights[i] + 4, "label", order[i]->label);
    out += "</g>";
  }
}

// Everything inside of <svg>.
std::string picture(const LineFigure& figure, const Frame& frame) {
  std::vector<const Line*> lines;
  for (const Line& line : figure.lines) {
    if (!line.points.empty()) lines.push_back(&line);
  }
  std::ranges::stable_sort(lines, {}, &Line::chosen);
  const Plane plane(figure, frame);
  std::string out = "<title>" + escape(figure.title) + "</title><desc>" +
                    escape(figure.description) + "</desc>\n";
  append_axes(out, figure, plane);
  for (const Line* line : lines) append_line(out, *line, plane);
  append_labels(out, lines, plane);
  return out;
}

}  // namespace

std::vector<double> spread(std::vector<double> wanted, double distance) {
  // Neighbours that are too close become a group around the middle of what they want.
  struct Group {
    double sum = 0;
    double count = 0;

    double first(double step) const { return sum / count - (count - 1) * step / 2; }

    double last(double step) const { return first(step) + (count - 1) * step; }
  };

  std::vector<Group> groups;
  for (const double height : wanted) {
    groups.push_back({height, 1});
    while (groups.size() > 1) {
      const Group& above = groups[groups.size() - 2];
      if (groups.back().first(distance) - above.last(distance) >= distance) break;
      const Group joined{above.sum + groups.back().sum, above.count + groups.back().count};
      groups.pop_back();
      groups.back() = joined;
    }
  }
  std::size_t next = 0;
  for (const Group& group : groups) {
    for (int i = 0; i < static_cast<int>(group.count); ++i) {
      wanted[next++] = group.first(distance) + i * distance;
    }
  }
  return wanted;
}

std::string draw_lines(const LineFigure& figure, const std::string& details) {
  std::string svg;
  append_format(svg, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", kPageFrame.width,
                kPageFrame.height);
  svg += picture(figure, kPageFrame) + "</svg>";
  return open_figure(figure.id, "lines", figure.title, figure.about) +
         scroll_region(figure.title, Breadth::kPicture, svg) + close_figure(figure.title, details);
}

std::string draw_svg(const LineFigure& figure) {
  std::string out;
  append_format(
      out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
      kFileFrame.width, kFileFrame.height);
  out += kFileStyle;
  append_text(out, kFileFrame.left, 24, "title", figure.title);
  return out += picture(figure, kFileFrame) + "</svg>\n";
}

}  // namespace phork::bench
