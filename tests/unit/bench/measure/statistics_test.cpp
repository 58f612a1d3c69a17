// SPDX-License-Identifier: MIT
#include "bench/measure/statistics.h"

#include <doctest/doctest.h>

using namespace phork::bench;

TEST_CASE("the median of an even number of values is between the two in the middle") {
  CHECK(median({}) == 0);
  CHECK(median({3, 1, 2}) == doctest::Approx(2));
  CHECK(median({4, 1, 3, 2}) == doctest::Approx(2.5));
}

TEST_CASE("a ratio is taken over all samples, not over the rounds") {
  // The medians of the rounds are 1 and 5; that of all samples is 1.
  const Rounds of{{1, 1, 1, 1, 1}, {5}};
  const Rounds to{{2, 2, 2}, {2}};
  CHECK(pooled(of) == Samples{1, 1, 1, 1, 1, 5});
  CHECK(ratio_of_percentiles(of, to, 50) == doctest::Approx(0.5));
  CHECK(ratio_of_percentiles(of, to, 100) == doctest::Approx(2.5));
  CHECK(ratio_of_percentiles(of, {}, 50) == 0);
}

TEST_CASE("ratios by round pair the rounds that both sides have") {
  const Rounds of{{10}, {30}, {50}};
  const Rounds to{{10}, {10}};
  const std::vector<double> ratios = ratios_by_round(of, to, 50);
  REQUIRE(ratios.size() == 2);
  CHECK(ratios[0] == doctest::Approx(1));
  CHECK(ratios[1] == doctest::Approx(3));
  CHECK(range_of(ratios).low == doctest::Approx(1));
  CHECK(range_of(ratios).high == doctest::Approx(3));
  CHECK(range_of({}).high == 0);
}

TEST_CASE("samples without spread have a ratio without an interval") {
  const Interval interval = ratio_interval({{30, 30}, {30, 30}}, {{20, 20}, {20, 20}});
  CHECK(interval.low == doctest::Approx(1.5));
  CHECK(interval.high == doctest::Approx(1.5));
}

TEST_CASE("the interval includes the ratio and is wider when rounds differ") {
  Rounds to;
  Rounds alike;
  Rounds apart;
  for (std::int64_t round = 0; round < 6; ++round) {
    Samples base;
    Samples slower;
    Samples drifting;
    for (std::int64_t i = 0; i < 50; ++i) {
      base.push_back(100 + i % 7);
      slower.push_back(150 + i % 7);
      drifting.push_back(110 + 16 * round + i % 7);
    }
    to.push_back(base);
    alike.push_back(slower);
    apart.push_back(drifting);
  }
  const Interval narrow = ratio_interval(alike, to);
  const Interval wide = ratio_interval(apart, to);
  const double ratio = ratio_of_percentiles(alike, to, 50);
  CHECK(narrow.low <= ratio);
  CHECK(narrow.high >= ratio);
  CHECK(narrow.high - narrow.low < 0.06);
  CHECK(wide.high - wide.low > 0.2);
}

TEST_CASE("resampling gives the same interval every time") {
  const Rounds of{{11, 12, 19}, {14, 10, 30}};
  const Rounds to{{9, 10, 12}, {8, 10, 11}};
  const Interval once = ratio_interval(of, to);
  const Interval again = ratio_interval(of, to);
  CHECK(once.low == again.low);
  CHECK(once.high == again.high);
  CHECK(ratio_interval({}, to).high == 0);
}

TEST_CASE(
    "the interval of a percentile includes it and is wider at the edge and when rounds differ") {
  Rounds alike;
  Rounds apart;
  for (std::int64_t round = 0; round < 6; ++round) {
    Samples samples;
    Samples drifting;
    for (std::int64_t i = 0; i < 100; ++i) {
      samples.push_back(100 + i);
      drifting.push_back(100 + i + 50 * round);
    }
    alike.push_back(samples);
    apart.push_back(drifting);
  }
  const Interval middle = percentile_interval(alike, 50);
  CHECK(middle.low <= 149);
  CHECK(middle.high >= 149);
  CHECK(middle.high - middle.low < 20);
  const Interval edge = percentile_interval(alike, 99);
  CHECK(edge.low <= 198);
  CHECK(edge.high >= 198);
  CHECK(edge.low > 190);
  const Interval drifted = percentile_interval(apart, 50);
  CHECK(drifted.high - drifted.low > 3 * (middle.high - middle.low));
}

TEST_CASE("the interval of samples without spread is their value; without samples it is zero") {
  const Interval same = percentile_interval({{30, 30}, {30}}, 99);
  CHECK(same.low == doctest::Approx(30));
  CHECK(same.high == doctest::Approx(30));
  CHECK(percentile_interval({}, 50).high == 0);
  CHECK(percentile_interval({{}, {}}, 50).high == 0);
}

TEST_CASE("the interval of a median lies among its values") {
  const Interval interval = median_interval({10, 11, 12, 13, 14, 15, 16, 17, 18, 100});
  CHECK(interval.low >= 10);
  CHECK(interval.low < 14.5);
  CHECK(interval.high > 14.5);
  CHECK(interval.high <= 100);
  CHECK(median_interval({7}).low == doctest::Approx(7));
  CHECK(median_interval({}).high == 0);
}

TEST_CASE("the slope is the growth for each step") {
  CHECK(slope({1, 4, 1, 4}, {10, 16, 12, 18}) == doctest::Approx(2));
  CHECK(slope({3, 3}, {1, 9}) == 0);
  CHECK(slope({}, {}) == 0);
}
