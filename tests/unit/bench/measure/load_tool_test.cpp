// SPDX-License-Identifier: MIT
#include "bench/measure/load_tool.h"

#include <string>

#include <doctest/doctest.h>

using phork::bench::LoadResult;
using phork::bench::read_ab;

namespace {

constexpr const char* kPrinted =
    "Document Path:          /\n"
    "Document Length:        Variable\n"
    "\n"
    "Concurrency Level:      1\n"
    "Time taken for tests:   0.075 seconds\n"
    "Complete requests:      100\n"
    "Failed requests:        0\n"
    "Requests per second:    1328.69 [#/sec] (mean)\n"
    "Time per request:       0.753 [ms] (mean)\n"
    "Time per request:       0.188 [ms] (mean, across all concurrent requests)\n";

constexpr const char* kTable =
    "Percentage served,Time in ms\n0,0.301\n50,0.708\n90,0.991\n"
    "99,1.650\n100,2.119\n";

}  // namespace

TEST_SUITE("load tool") {
  TEST_CASE("figures come from what ab prints and from its table") {
    const auto result = read_ab(kPrinted, kTable);
    REQUIRE(result.ok());
    CHECK(result->requests == 100);
    CHECK(result->failed == 0);
    CHECK(result->not_2xx == 0);
    CHECK(result->per_second == doctest::Approx(1328.69));
    CHECK(result->mean_ms == doctest::Approx(0.753));
    CHECK(result->p50_ms == doctest::Approx(0.708));
    CHECK(result->p90_ms == doctest::Approx(0.991));
    CHECK(result->p99_ms == doctest::Approx(1.650));
    CHECK(result->percentiles_us == std::vector<std::int64_t>{301, 708, 991, 1650});
  }

  TEST_CASE("failed requests and answers other than 2xx are counted") {
    std::string printed(kPrinted);
    printed.replace(printed.find("Failed requests:        0"), 25, "Failed requests:        7");
    printed += "Non-2xx responses:      12\n";
    const auto result = read_ab(printed, kTable);
    REQUIRE(result.ok());
    CHECK(result->failed == 7);
    CHECK(result->not_2xx == 12);
  }

  TEST_CASE("a figure that is missing is named") {
    CHECK(read_ab("", kTable).error().text.find("'Complete requests'") != std::string::npos);
    CHECK(read_ab(kPrinted, "").error().text.find("'50,'") != std::string::npos);
    const std::string printed(kPrinted);
    for (std::size_t length = 0; length < printed.find("0.753"); ++length) {
      CHECK_FALSE(read_ab(printed.substr(0, length), kTable).ok());
    }
  }
}
