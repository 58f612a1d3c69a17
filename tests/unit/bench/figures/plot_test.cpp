// SPDX-License-Identifier: MIT
#include "bench/figures/plot.h"

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("grid lines stand at round numbers, no more than were asked for") {
  CHECK(grid_step(0, 6) == doctest::Approx(1));
  CHECK(grid_step(6, 6) == doctest::Approx(1));
  CHECK(grid_step(7, 6) == doctest::Approx(2));
  CHECK(grid_step(0.9, 6) == doctest::Approx(0.2));
  CHECK(grid_step(25, 6) == doctest::Approx(5));
  CHECK(grid_step(55, 6) == doctest::Approx(10));
}

TEST_CASE(
    "a doubling is the same way everywhere on the x axis, and twice the value twice as high") {
  const std::string svg =
      draw_svg({"t", "x", "y", {{"line", 0, false, {{16, 5}, {32, 10}, {64, 5}}}}});
  // The axes stand between 64 and 560, with 24 of room at both ends, and between 324 and 48.
  CHECK(count(svg, R"(points="88.0,186.0 312.0,48.0 536.0,186.0 ")") == 1);
  CHECK(count(svg, "<circle") == 3);
}

TEST_CASE("a plot names its lines, follows the reader's colours and keeps text from being markup") {
  const std::string svg = draw_svg(
      {"a < b & c", "x", "y", {{"first", 0, false, {{1, 1}}}, {"second", 1, true, {{1, 2}}}}});
  CHECK(count(svg, "<title>a &lt; b &amp; c</title>") == 1);
  CHECK(count(svg, ">first</text>") == 1);
  CHECK(count(svg, R"(class="line c1 dashed")") == 2);  // the line and its sample in the legend
  CHECK(count(svg, "prefers-color-scheme: dark") == 1);
  CHECK(count(svg, "<text") == count(svg, "</text>"));
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("a plot without lines is still a picture") {
  const std::string svg = draw_svg({"empty", "x", "y", {}});
  CHECK(count(svg, "<polyline") == 0);
  CHECK(svg.find("nan") == std::string::npos);
}
