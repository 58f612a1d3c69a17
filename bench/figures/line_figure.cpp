// SPDX-License-Identifier: MIT
#include "bench/figures/line_figure.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "bench/figures/append_format.h"
#include "bench/figures/axis.h"
#include "bench/figures/markup.h"

namespace phork::bench {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 320;
constexpr double kLeft = 56;
constexpr double kRight = 520;
constexpr double kTop = 28;
constexpr double kBottom = 272;
constexpr double kLabelDistance = 18;

// Where values are in the picture.
class Plane {
 public:
  explicit Plane(const std::vector<Line>& lines) : y_(Axis::logarithmic(all_heights(lines))) {
    for (const Line& line : lines) {
      for (const LinePoint& point : line.points) xs_.insert(point.x);
    }
  }

  double x(double value) const {
    const double span = xs_.empty() ? 0 : std::log(*xs_.rbegin() / *xs_.begin());
    if (span <= 0) return (kLeft + kRight) / 2;
    return kLeft + std::log(value / *xs_.begin()) / span * (kRight - kLeft);
  }

  double y(double value) const { return kBottom - y_.position(value) * (kBottom - kTop); }

  const std::set<double>& xs() const { return xs_; }

  const std::vector<double>& y_ticks() const { return y_.ticks(); }

 private:
  static std::vector<double> all_heights(const std::vector<Line>& lines) {
    std::vector<double> heights;
    for (const Line& line : lines) {
      for (const LinePoint& point : line.points) {
        heights.push_back(point.y);
        heights.push_back(point.low);
      }
    }
    return heights;
  }

  std::set<double> xs_;
  Axis y_;
};

void append_text(std::string& out, double x, double y, const char* style, const std::string& text) {
  append_format(out, R"(<text x="%.1f" y="%.1f" class="%s">)", x, y, style);
  out += escape(text) + "</text>\n";
}

void append_axes(std::string& out, const LineFigure& figure, const Plane& plane) {
  for (const double tick : plane.y_ticks()) {
    const double y = plane.y(tick);
    append_format(out, R"(<path class="grid" d="M%.1f %.1fH%.1f"/>)", kLeft, y, kRight);
    append_text(out, kLeft - 8, y + 4, "end", round_number(tick));
  }
  for (const double x : plane.xs()) {
    const double at = plane.x(x);
    append_format(out, R"(<path class="grid" d="M%.1f %.1fv5"/>)", at, kBottom);
    append_text(out, at, kBottom + 20, "middle", grouped(x));
  }
  append_text(out, (kLeft + kRight) / 2, kBottom + 42, "middle quiet", figure.x_label);
  append_text(out, kLeft - 8, kTop - 12, "quiet", figure.y_label);
}

void append_line(std::string& out, const Line& line, const Plane& plane) {
  append_format(out, R"(<g class="c%zu%s">)", line.colour % 8, line.chosen ? " chosen" : "");
  out += R"(<path class="band" d="M)";
  for (const LinePoint& point : line.points) {
    append_format(out, "%.1f %.1fL", plane.x(point.x), plane.y(point.y));
  }
  for (auto point = line.points.rbegin(); point != line.points.rend(); ++point) {
    append_format(out, "%.1f %.1f%s", plane.x(point->x), plane.y(point->low),
                  std::next(point) == line.points.rend() ? "Z" : "L");
  }
  out += R"("/><path class="line" d="M)";
  bool first = true;
  for (const LinePoint& point : line.points) {
    append_format(out, "%s%.1f %.1f", first ? "" : "L", plane.x(point.x), plane.y(point.y));
    first = false;
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
  std::vector<const Line*> order = lines;
  std::ranges::sort(order, {}, [&](const Line* line) { return plane.y(line->points.back().y); });
  std::vector<double> wanted;
  wanted.reserve(order.size());
  for (const Line* line : order) wanted.push_back(plane.y(line->points.back().y));
  const std::vector<double> heights = spread(std::move(wanted), kLabelDistance);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const double end = plane.y(order[i]->points.back().y);
    append_format(out, R"(<g class="c%zu%s"><path class="lead" d="M%.1f %.1fL%.1f %.1f"/>)",
                  order[i]->colour % 8, order[i]->chosen ? " chosen" : "", kRight + 5, end,
                  kRight + 16, heights[i]);
    append_text(out, kRight + 20, heights[i] + 4, "label", order[i]->label);
    out += "</g>";
  }
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

std::string draw_lines(const LineFigure& figure, const std::string& behind) {
  std::vector<const Line*> lines;
  for (const Line& line : figure.lines) {
    if (!line.points.empty()) lines.push_back(&line);
  }
  // What is chosen is drawn last, and so lies above the others.
  std::ranges::stable_sort(lines, {}, &Line::chosen);
  const Plane plane(figure.lines);
  std::string out = open_figure(figure.id, "lines", figure.title, figure.about);
  append_format(out, R"(<div class="wide"><svg viewBox="0 0 %.0f %.0f" role="img">)", kWidth,
                kHeight);
  out += "\n<title>" + escape(figure.title) + "</title><desc>" + escape(figure.description) +
         "</desc>\n";
  append_axes(out, figure, plane);
  for (const Line* line : lines) append_line(out, *line, plane);
  append_labels(out, lines, plane);
  out += "</svg></div>\n";
  return out += close_figure(behind);
}

}  // namespace phork::bench
