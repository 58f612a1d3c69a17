// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bench/figures/line_figure.h"
#include "bench/figures/strip_figure.h"

using namespace phork::bench;
using doctest::Approx;

namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

Line line_of(const std::string& label, std::vector<LinePoint> points) {
  return {.label = label, .points = std::move(points)};
}

}  // namespace

TEST_SUITE("strip figure") {
  TEST_CASE("a density is highest where most values are") {
    const Axis axis = Axis::linear(10);
    const std::vector<double> heights = density(axis, {5, 5, 5, 5, 1});
    const auto highest = std::ranges::max_element(heights) - heights.begin();
    CHECK(static_cast<double>(highest) / static_cast<double>(heights.size()) ==
          Approx(0.5).epsilon(0.02));
    CHECK(*std::ranges::max_element(heights) == Approx(1));
    CHECK(heights[heights.size() / 10] == Approx(0.25).epsilon(0.1));
    CHECK(heights.back() == 0);
  }

  TEST_CASE("a strip has a text alternative, and its figure no details without a table") {
    const std::string html = draw_strips(
        {.id = "f",
         .title = "A <title>",
         .about = "",
         .axis = Axis::linear(1),
         .unit = "ms",
         .strips = {{.label = "fork", .colour = 3, .above = {0.5}, .description = "fork: 0.5"}}},
        "");
    CHECK(count(html, "A &lt;title&gt;") == 1);
    CHECK(count(html, "role=\"img\"><title>fork: 0.5</title>") == 1);
    CHECK(count(html, "<details>") == 0);
  }
}

TEST_SUITE("line figure") {
  TEST_CASE("labels move apart around their places, others stay") {
    CHECK(spread({10, 50}, 18) == std::vector<double>{10, 50});
    CHECK(spread({10, 10}, 18) == std::vector<double>{1, 19});
    CHECK(spread({0, 10, 20, 100}, 18) == std::vector<double>{-8, 10, 28, 100});
    CHECK(spread({}, 18).empty());
  }

  TEST_CASE("a line without points is left out") {
    const std::string html =
        draw_lines({.id = "f",
                    .title = "t",
                    .lines = {line_of("empty", {}), line_of("full", {{128, 2, 1}, {256, 4, 2}})}},
                   "<table></table>");
    CHECK(count(html, ">empty<") == 0);
    CHECK(count(html, ">full<") == 1);
    CHECK(count(html, "nan") == 0);
    CHECK(count(html, "<details>") == 1);
  }

  TEST_CASE("a line has a band only where its points have a lower end") {
    const auto drawn = [](std::vector<LinePoint> points) {
      return draw_lines({.id = "f", .title = "t", .lines = {line_of("l", std::move(points))}}, "");
    };
    CHECK(count(drawn({{1, 2, 1}, {2, 4, 2}}), "class=\"band\"") == 1);
    CHECK(count(drawn({{1, 2, {}}, {2, 4, {}}}), "class=\"band\"") == 0);
  }

  TEST_CASE(
      "from zero, doubling x has the same width everywhere and doubling y doubles the height") {
    const std::string svg =
        draw_svg({.title = "t",
                  .from_zero = true,
                  .lines = {line_of("line", {{16, 5, {}}, {32, 10, {}}, {64, 5, {}}})}});
    // The axes lie between 64 and 600, and between 324 and 64.
    CHECK(count(svg, R"(class="line" d="M64.0 194.0L332.0 64.0L600.0 194.0")") == 1);
    CHECK(count(svg, "<circle") == 3);
  }

  TEST_CASE("an SVG file names its lines, follows the reader's scheme and escapes its text") {
    Line second = line_of("second", {{1, 2, {}}});
    second.dashed = true;
    const std::string svg =
        draw_svg({.title = "a < b & c", .lines = {line_of("first", {{1, 1, {}}}), second}});
    CHECK(count(svg, "<title>a &lt; b &amp; c</title>") == 1);
    CHECK(count(svg, ">first</text>") == 1);
    CHECK(count(svg, R"(class="line dashed")") == 1);
    CHECK(count(svg, "prefers-color-scheme: dark") == 1);
    CHECK(count(svg, "<text") == count(svg, "</text>"));
    CHECK(svg.ends_with("</svg>\n"));
  }

  TEST_CASE("an SVG file without lines is still a picture") {
    const std::string svg = draw_svg({.title = "empty", .from_zero = true, .lines = {}});
    CHECK(count(svg, "class=\"line\"") == 0);
    CHECK(count(svg, "nan") == 0);
  }
}
