// SPDX-License-Identifier: MIT
//
// Simulates a day of arrivals on Lambda, event by event. An event takes the environment that was
// freed last; if all are busy, another one starts, and the caller waits for its start. An
// environment is busy while it is billed, which is longer than the caller waits, and ends after its
// idle timeout. Times are drawn from the measured events, latency and billed time of one event
// together. Pure; the same seed gives the same day. docs/cost.md lists the assumptions.
//   https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/cost/arrivals.h"
#include "bench/cost/cost.h"
#include "bench/cost/prices.h"

namespace phork::bench {

struct SimulationOptions {
  unsigned memory_mb = 1024;
  Architecture architecture = Architecture::kX86;
  double storage_mb = 512;
  // An assumption; AWS documents no value.
  std::chrono::seconds idle_timeout{300};
  // Environments busy at once, the default limit of an account. It also limits requests: ten times
  // as many each second.
  //   https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
  std::int64_t concurrency = 1000;
  // Environments that may start within ten seconds.
  std::int64_t starts_per_ten_seconds = 1000;
  std::uint64_t seed = 1;
};

// Counts and sums of one day, or the average day if the arrivals cover several.
struct DayResult {
  std::string label;
  bool too_small = false;  // the strategy needs more memory; the rest is 0
  double events = 0;       // served
  double throttled = 0;    // refused with 429; in no other figure
  double cold_starts = 0;
  double cold_start_share = 0;  // of the served events
  std::int64_t peak_environments = 0;
  double mean_busy = 0;             // environments, mean over the day
  std::int64_t latency_p50_us = 0;  // as callers see it, including cold starts
  std::int64_t latency_p99_us = 0;
  std::int64_t latency_p999_us = 0;
  double gb_seconds = 0;
  double usd_per_day = 0;
  double usd_per_month = 0;  // of 30 such days
};

// Each strategy gets the same arrivals.
std::vector<DayResult> simulate(const ArrivalPlan& arrivals,
                                const std::vector<StrategyProfile>& strategies,
                                const Prices& prices, const SimulationOptions& options = {});

}  // namespace phork::bench
