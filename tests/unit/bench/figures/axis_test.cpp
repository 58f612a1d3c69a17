// SPDX-License-Identifier: MIT
#include "bench/figures/axis.h"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "bench/figures/line_figure.h"
#include "bench/figures/strip_figure.h"

using doctest::Approx;
using phork::bench::Axis;

TEST_SUITE("axis") {
  TEST_CASE("a linear axis begins at zero and ends at a round number") {
    const Axis axis = Axis::linear(612);
    CHECK(axis.ticks() == std::vector<double>{0, 200, 400, 600, 800});
    CHECK(axis.position(400) == Approx(0.5));
    CHECK(axis.position(-1) == 0);
    CHECK(axis.position(900) == 1);
    CHECK(Axis::linear(0).high() == 1);
  }

  TEST_CASE("a logarithmic axis holds its values between round numbers") {
    const Axis axis = Axis::logarithmic({0.3, 1.5, 0});
    CHECK(axis.low() == Approx(0.2));
    CHECK(axis.high() == Approx(2));
    CHECK(axis.ticks().size() == 4);
    CHECK(axis.position(axis.value_at(0.25)) == Approx(0.25));
    CHECK(axis.position(0) == 0);
  }

  TEST_CASE("over many decades only these are marked") {
    const Axis axis = Axis::logarithmic({0.1, 400});
    CHECK(axis.ticks().size() == 4);
    CHECK(axis.ticks().back() == Approx(100));
  }

  TEST_CASE("an axis of one value, and of none, is one nonetheless") {
    for (const Axis& axis : {Axis::logarithmic({10, 10}), Axis::logarithmic({})}) {
      CHECK(axis.high() > axis.low());
      CHECK(axis.ticks().size() >= 2);
    }
  }
}

TEST_SUITE("figures") {
  TEST_CASE("a density is highest where the values are") {
    const Axis axis = Axis::linear(10);
    const std::vector<double> heights = phork::bench::density(axis, {5, 5, 5, 5, 1});
    const auto highest = std::ranges::max_element(heights) - heights.begin();
    CHECK(static_cast<double>(highest) / static_cast<double>(heights.size()) ==
          Approx(0.5).epsilon(0.02));
    CHECK(*std::ranges::max_element(heights) == Approx(1));
    CHECK(heights[heights.size() / 10] == Approx(0.25).epsilon(0.1));
    CHECK(heights.back() == 0);
  }

  TEST_CASE("labels move apart around what they want, and others stay") {
    CHECK(phork::bench::spread({10, 50}, 18) == std::vector<double>{10, 50});
    CHECK(phork::bench::spread({10, 10}, 18) == std::vector<double>{1, 19});
    CHECK(phork::bench::spread({0, 10, 20, 100}, 18) == std::vector<double>{-8, 10, 28, 100});
    CHECK(phork::bench::spread({}, 18).empty());
  }

  TEST_CASE("a row says in words what it shows, for those who do not see it") {
    const std::string html = phork::bench::draw_strips(
        {.id = "f",
         .title = "A <title>",
         .about = "",
         .axis = Axis::linear(1),
         .unit = "ms",
         .strips = {{.label = "fork", .colour = 3, .above = {0.5}, .description = "fork: 0.5"}}},
        "");
    CHECK(html.find("A &lt;title&gt;") != std::string::npos);
    CHECK(html.find("role=\"img\"><title>fork: 0.5</title>") != std::string::npos);
    CHECK(html.find("<details>") == std::string::npos);
  }

  TEST_CASE("a line without points is left out") {
    const std::string html = phork::bench::draw_lines(
        {.id = "f",
         .title = "t",
         .lines = {{"empty", 0, false, {}}, {"full", 1, true, {{128, 2, 1}, {256, 4, 2}}}}},
        "<table></table>");
    CHECK(html.find(">empty<") == std::string::npos);
    CHECK(html.find(">full<") != std::string::npos);
    CHECK(html.find("nan") == std::string::npos);
    CHECK(html.find("<details>") != std::string::npos);
  }
}
