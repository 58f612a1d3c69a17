// SPDX-License-Identifier: MIT
#include "bench/cost/prices.h"

#include <cmath>
#include <string>

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

const std::string kSmallTiers = R"({
  "region": "eu-test-1", "confirmed": "2026-01-02", "source": "a test",
  "usd_per_million_requests": 0.5,
  "usd_per_gb_second": {
    "x86_64": [{"gb_seconds": 10, "usd": 3}, {"gb_seconds": 20, "usd": 2},
               {"gb_seconds": null, "usd": 1}],
    "arm64": [{"gb_seconds": null, "usd": 0.25}]
  },
  "ephemeral_storage": {"free_mb": 512, "usd_per_gb_second": 0.125}
})";

// The error of parse_prices for kSmallTiers with one part replaced.
std::string problem_with(const std::string& part, const std::string& replacement) {
  std::string text = kSmallTiers;
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  const phork::base::Result<Prices> read = parse_prices(text.replace(at, part.size(), replacement));
  return read ? "" : read.error().text;
}

}  // namespace

TEST_CASE("the embedded prices are those of us-east-1, with their date") {
  const Prices prices = published_prices();
  CHECK(prices.region == "us-east-1");
  CHECK(prices.date.size() == std::string("2026-11-20").size());
  CHECK(prices.source.starts_with("https://aws.amazon.com/"));
  CHECK(prices.request_usd(1e6) == doctest::Approx(0.20));
  CHECK(prices.duration_usd(1e6, Architecture::kX86) == doctest::Approx(16.6667));
  CHECK(prices.duration_usd(1e6, Architecture::kArm) == doctest::Approx(13.3334));
}

TEST_CASE("each later tier is 10 and 20 % cheaper, to the digits that are published") {
  const Prices prices = published_prices();
  for (const Architecture architecture : {Architecture::kX86, Architecture::kArm}) {
    const std::vector<DurationTier>& tiers = prices.tiers(architecture);
    REQUIRE(tiers.size() == 3);
    CHECK(tiers[1].usd / tiers[0].usd == doctest::Approx(0.9).epsilon(1e-5));
    CHECK(tiers[2].usd / tiers[0].usd == doctest::Approx(0.8).epsilon(1e-5));
    CHECK(std::isinf(tiers[2].gb_seconds));
  }
}

TEST_CASE("GB-seconds have the price of their tier") {
  const Prices prices = parse_prices(kSmallTiers).value();
  CHECK(prices.duration_usd(0, Architecture::kX86) == 0);
  CHECK(prices.duration_usd(4, Architecture::kX86) == doctest::Approx(12));
  CHECK(prices.duration_usd(10, Architecture::kX86) == doctest::Approx(30));
  CHECK(prices.duration_usd(11, Architecture::kX86) == doctest::Approx(32));
  CHECK(prices.duration_usd(100, Architecture::kX86) == doctest::Approx(30 + 40 + 70));
  CHECK(prices.duration_usd(100, Architecture::kArm) == doctest::Approx(25));
  CHECK(prices.request_usd(3e6) == doctest::Approx(1.5));
}

TEST_CASE("storage is free up to the size that every function has") {
  const Prices prices = parse_prices(kSmallTiers).value();
  CHECK(prices.storage_usd(1000, 512) == 0);
  CHECK(prices.storage_usd(1000, 128) == 0);
  CHECK(prices.storage_usd(8, 512 + 1024) == doctest::Approx(1));
}

TEST_CASE("a duration is billed in whole milliseconds, rounded up, and at least one") {
  CHECK(billed_milliseconds(0) == 1);
  CHECK(billed_milliseconds(1) == 1);
  CHECK(billed_milliseconds(1000) == 1);
  CHECK(billed_milliseconds(1000.5) == 2);
  CHECK(billed_milliseconds(1233'960 + 463'510) == 1698);
}

TEST_CASE("a missing or impossible price is refused by name") {
  CHECK(problem_with("\"region\"", "\"regoin\"") == "bench: read prices: region: expected a text");
  CHECK(problem_with("0.125", "-0.125") ==
        "bench: read prices: ephemeral_storage/usd_per_gb_second: "
        "expected a number of at least 0");
  CHECK(problem_with("\"usd\": 2", "\"usd\": \"2\"") ==
        "bench: read prices: usd: expected a number of at least 0");
  CHECK(problem_with("[{\"gb_seconds\": null, \"usd\": 0.25}]", "[]") ==
        "bench: read prices: usd_per_gb_second/arm64: expected a list of tiers");
  CHECK(problem_with("\"gb_seconds\": 20", "\"gb_seconds\": null") ==
        "bench: read prices: usd_per_gb_second/x86_64: "
        "expected null as the gb_seconds of the last tier alone");
  CHECK(problem_with("null, \"usd\": 1", "30, \"usd\": 1") ==
        "bench: read prices: usd_per_gb_second/x86_64: "
        "expected null as the gb_seconds of the last tier alone");
  CHECK(problem_with("{", "") == "bench: read prices: expected JSON");
}

TEST_CASE("an unreadable file of prices is named in the error") {
  const phork::base::Result<Prices> read = read_prices("/nowhere/prices.json");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().text == "bench: read prices: cannot read '/nowhere/prices.json'");
}

TEST_CASE("the file in the source tree is the embedded one") {
  const char* source = std::getenv("PHORK_SOURCE");
  REQUIRE(source != nullptr);
  const phork::base::Result<Prices> read = read_prices(std::string(source) + "/bench/prices.json");
  REQUIRE(read.ok());
  CHECK(read->date == published_prices().date);
  CHECK(read->duration_usd(2e10, Architecture::kX86) ==
        published_prices().duration_usd(2e10, Architecture::kX86));
}
