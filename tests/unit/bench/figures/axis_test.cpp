// SPDX-License-Identifier: MIT
#include "bench/figures/axis.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using doctest::Approx;
using phork::bench::Axis;
using phork::bench::grid_step;

TEST_SUITE("axis") {
  TEST_CASE("a linear axis begins at zero and ends at a round number") {
    const Axis axis = Axis::linear(612);
    CHECK(axis.ticks() == std::vector<double>{0, 200, 400, 600, 800});
    CHECK(axis.position(400) == Approx(0.5));
    CHECK(axis.position(-1) == 0);
    CHECK(axis.position(900) == 1);
    CHECK(Axis::linear(0).ticks().back() == 1);
  }

  TEST_CASE("a logarithmic axis includes its values between round numbers") {
    const Axis axis = Axis::logarithmic({0.3, 1.5, 0});
    CHECK(axis.ticks().front() == Approx(0.2));
    CHECK(axis.ticks().back() == Approx(2));
    CHECK(axis.ticks().size() == 4);
    CHECK(axis.position(std::sqrt(0.2 * 2)) == Approx(0.5));
    CHECK(axis.position(0) == 0);
  }

  TEST_CASE("over many decades only the powers of ten are marked") {
    const Axis axis = Axis::logarithmic({0.1, 400});
    CHECK(axis.ticks().size() == 4);
    CHECK(axis.ticks().back() == Approx(100));
  }

  TEST_CASE("an axis of one value or of none still has two ends") {
    for (const Axis& axis : {Axis::logarithmic({10, 10}), Axis::logarithmic({})}) {
      REQUIRE(axis.ticks().size() >= 2);
      CHECK(axis.position(axis.ticks().front()) == Approx(0));
      CHECK(axis.position(axis.ticks().back()) == Approx(1));
    }
  }

  TEST_CASE("grid lines stand at round numbers, no more than were asked for") {
    CHECK(grid_step(0, 6) == Approx(1));
    CHECK(grid_step(6, 6) == Approx(1));
    CHECK(grid_step(7, 6) == Approx(2));
    CHECK(grid_step(0.9, 6) == Approx(0.2));
    CHECK(grid_step(25, 6) == Approx(5));
    CHECK(grid_step(55, 6) == Approx(10));
  }
}
