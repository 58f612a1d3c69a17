// SPDX-License-Identifier: MIT
#include "bench/cost/cost.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace phork::bench;
using doctest::Approx;

namespace {

// The memory of 1/29 vCPU, a whole number of megabytes: 1769 = 29 * 61.
constexpr unsigned kTwentyNinth = 61;

StrategyProfile profile(std::vector<EventTimes> events, std::int64_t cpu_us) {
  return {"test", {}, std::move(events), cpu_us, 1024};
}

MillionEvents only_size(const StrategyProfile& strategy, const CostOptions& options) {
  const CostTable table = cost_table({strategy}, published_prices(), options);
  REQUIRE(table.rows.size() == 1);
  REQUIRE(table.rows[0].sizes.size() == 1);
  return table.rows[0].sizes[0];
}

// The time of `events` events of `cpu_us` each, one after another, counted by the microsecond with
// a quota in each period of 20 ms. The first event begins with a period.
std::int64_t ticks_with_quota(int events, std::int64_t cpu_us, std::int64_t quota_us) {
  std::int64_t now_us = 0;
  std::int64_t left_us = quota_us;
  for (std::int64_t todo_us = events * cpu_us; todo_us > 0; ++now_us) {
    if (now_us % 20'000 == 0) left_us = quota_us;
    if (left_us == 0) continue;
    --left_us;
    --todo_us;
  }
  return now_us;
}

}  // namespace

TEST_CASE("with a whole CPU nothing takes longer") {
  for (const unsigned memory_mb : {1769U, 3008U, 10'240U}) {
    CHECK(sustained_us(5000, 2000, memory_mb) == Approx(5000));
    CHECK(spaced_us(5000, 2000, memory_mb) == Approx(5000));
  }
}

TEST_CASE("less memory stretches computing and leaves waiting as it is") {
  CHECK(sustained_us(5000, 2000, kTwentyNinth) == Approx(3000 + 29 * 2000));
  CHECK(sustained_us(2000, 2000, kTwentyNinth) == Approx(29 * 2000));
  CHECK(sustained_us(5000, 0, kTwentyNinth) == Approx(5000));
}

TEST_CASE("work that kept two CPUs busy takes twice as long on one") {
  CHECK(sustained_us(1000, 2000, 1769) == Approx(2000));
  CHECK(sustained_us(1000, 2000, 2 * 1769) == Approx(1000));
  CHECK(sustained_us(1000, 2000, kTwentyNinth) == Approx(29 * 2000));
  CHECK(spaced_us(1000, 2000, 2 * 1769) == Approx(1000));
}

TEST_CASE("a spaced event is not throttled before its quota of 20 ms is used up") {
  const double quota_us = 20'000.0 / 29;
  CHECK(spaced_us(500, 500, kTwentyNinth) == Approx(500));
  CHECK(spaced_us(900, 500, kTwentyNinth) == Approx(900));
  CHECK(spaced_us(quota_us, quota_us, kTwentyNinth) == Approx(quota_us));
  // One pause until the next period, then what is left.
  CHECK(spaced_us(quota_us + 100, quota_us + 100, kTwentyNinth) == Approx(20'100));
  CHECK(spaced_us(2.5 * quota_us, 2.5 * quota_us, kTwentyNinth) == Approx(40'000 + quota_us / 2));
  CHECK(spaced_us(700, 0, kTwentyNinth) == Approx(700));
}

TEST_CASE("both times are those of a CPU with a quota") {
  // 125 MB are 1413.2 us of each period.
  constexpr unsigned kMemoryMb = 125;
  constexpr std::int64_t kQuotaUs = 1413;
  for (const std::int64_t cpu_us : {300, 1'413, 1'500, 4'000, 20'000}) {
    CAPTURE(cpu_us);
    const auto work_us = static_cast<double>(cpu_us);
    const auto one = static_cast<double>(ticks_with_quota(1, cpu_us, kQuotaUs));
    CHECK(std::abs(spaced_us(work_us, work_us, kMemoryMb) - one) < 5);
    const auto events = static_cast<int>(1'000'000 / cpu_us);
    const auto many = static_cast<double>(ticks_with_quota(events, cpu_us, kQuotaUs)) / events;
    CHECK(sustained_us(work_us, work_us, kMemoryMb) == Approx(many).epsilon(0.005));
  }
}

TEST_CASE("a spaced event never takes longer than one of many, nor less than was measured") {
  for (const unsigned memory_mb : {128U, 500U, 1024U, 1768U, 2000U}) {
    for (double wall_us = 50; wall_us < 200'000; wall_us *= 1.7) {
      for (const double busy : {0.0, 0.3, 1.0, 1.6}) {
        const double spaced = spaced_us(wall_us, busy * wall_us, memory_mb);
        CHECK(spaced >= Approx(wall_us));
        CHECK(spaced <= sustained_us(wall_us, busy * wall_us, memory_mb) * 1.000001);
      }
    }
  }
}

TEST_CASE("each event is rounded up before the average is taken") {
  // 0.5, 1.5 and 2.0 ms are billed as 1, 2 and 2.
  const StrategyProfile strategy = profile({{400, 500}, {400, 1500}, {400, 2000}}, 0);
  const MillionEvents cost = only_size(strategy, {.memory_mb = {1024}, .cold_start_share = 0});
  CHECK(cost.billed_ms == Approx(5.0 / 3));
  CHECK(cost.requests_usd == Approx(0.20));
  CHECK(cost.duration_usd == Approx(1e6 * 5 / 3 / 1000 * 0.0000166667));
  CHECK(cost.init_usd == 0);
  CHECK(cost.total_usd == Approx(cost.requests_usd + cost.duration_usd));
  CHECK(cost.spaced_total_usd == Approx(cost.total_usd));
}

TEST_CASE("the example in docs/cost.md") {
  StrategyProfile strategy = profile({{900, 1200}}, 1000);
  strategy.cold_starts_us = {60'000};
  const CostOptions options{.memory_mb = {128}, .cold_start_share = 0.01};
  const MillionEvents cost = only_size(strategy, options);
  CHECK(cost.billed_ms == 15);
  CHECK(cost.init_ms == Approx(829.22).epsilon(0.00001));
  CHECK(cost.duration_usd == Approx(0.03125).epsilon(0.00001));
  CHECK(cost.init_usd == Approx(0.01727).epsilon(0.001));
  CHECK(cost.total_usd == Approx(0.24852).epsilon(0.0001));
  CHECK(cost.spaced_total_usd == Approx(0.22144).epsilon(0.0001));
}

TEST_CASE("INIT and the event are rounded up together") {
  StrategyProfile strategy = profile({{400, 600}}, 0);
  strategy.cold_starts_us = {10'300};
  const MillionEvents cost = only_size(strategy, {.memory_mb = {1769}, .cold_start_share = 1});
  CHECK(cost.billed_ms == 1);
  // 10.3 + 0.6 ms are billed as 11, which is 10 more than without INIT.
  CHECK(cost.init_usd == Approx(10 * cost.duration_usd));
}

TEST_CASE("storage beyond 512 MB is paid for as long as the environment is billed") {
  const StrategyProfile strategy = profile({{400, 1000}}, 0);
  const MillionEvents cost =
      only_size(strategy, {.memory_mb = {512}, .cold_start_share = 0, .storage_mb = 1536});
  CHECK(cost.storage_usd == Approx(1000 * 0.0000000309));
  CHECK(cost.total_usd == Approx(cost.requests_usd + cost.duration_usd + cost.storage_usd));
  CHECK(cost.spaced_total_usd == Approx(cost.total_usd));
}

TEST_CASE("a size is too small if the strategy used more memory") {
  StrategyProfile strategy = profile({{400, 500}}, 100);
  strategy.peak_memory_kb = 262'144;
  const CostTable table =
      cost_table({strategy}, published_prices(), {.memory_mb = {128, 255, 256, 512}});
  const std::vector<MillionEvents>& sizes = table.rows.at(0).sizes;
  REQUIRE(sizes.size() == 4);
  CHECK(sizes[0].too_small);
  CHECK(sizes[1].too_small);
  CHECK(sizes[1].total_usd == 0);
  CHECK_FALSE(sizes[2].too_small);
  CHECK(sizes[2].total_usd > 0);
  CHECK_FALSE(sizes[3].too_small);
}

TEST_CASE("arm64 costs four fifths of x86_64 for its time, and the same for its requests") {
  const StrategyProfile strategy = profile({{400, 5000}}, 100);
  const MillionEvents x86 = only_size(strategy, {.memory_mb = {1024}});
  const MillionEvents arm =
      only_size(strategy, {.memory_mb = {1024}, .architecture = Architecture::kArm});
  CHECK(arm.duration_usd / x86.duration_usd == Approx(0.8).epsilon(0.0001));
  CHECK(arm.requests_usd == x86.requests_usd);
}

TEST_CASE("the table has a row for each strategy and names region and date of its prices") {
  const CostTable table =
      cost_table({profile({{1, 2}}, 1), profile({}, 0)}, published_prices(), {});
  CHECK(table.region == "us-east-1");
  CHECK(table.prices_date == published_prices().date);
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0].sizes.size() == table.options.memory_mb.size());
  CHECK(table.rows[0].sizes[0].memory_mb == 128);
  // Without events there is no price.
  CHECK(table.rows[1].sizes[0].total_usd == 0);
}
