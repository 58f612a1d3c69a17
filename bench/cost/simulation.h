// SPDX-License-Identifier: MIT
//
// A day of arrivals on Lambda, event by event. An event takes the environment that was freed last;
// if all are busy another one starts, which the caller waits for. An environment is busy for as
// long as it is billed, which is longer than the caller waits, and ends when it was idle too long.
// Times are drawn from what was measured: latency and billed of the same event together. Pure, and
// the same for the same seed. docs/cost.md says what is assumed.
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
  // AWS promises nothing; an assumption.
  std::chrono::seconds idle_timeout{300};
  // Environments busy at once, of an account that asked for no more; ten times as many requests
  // are taken each second.
  //   https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
  std::int64_t concurrency = 1000;
  // Environments that may start within ten seconds.
  std::int64_t starts_per_ten_seconds = 1000;
  std::uint64_t seed = 1;
};

// All counts and sums are of one day: an average of several, if the arrivals cover several.
struct DayResult {
  std::string label;
  bool too_small = false;  // it needs more memory than it was given; the rest is 0
  double events = 0;       // that were served
  double throttled = 0;    // that were refused (429) and are in nothing else here
  double cold_starts = 0;
  double cold_start_share = 0;  // of the events served
  std::int64_t peak_environments = 0;
  double mean_busy = 0;             // environments, on average over the day
  std::int64_t latency_p50_us = 0;  // what callers waited, cold starts included
  std::int64_t latency_p99_us = 0;
  std::int64_t latency_p999_us = 0;
  double gb_seconds = 0;
  double usd_per_day = 0;
  double usd_per_month = 0;  // of 30 such days
};

// Each strategy meets the same arrivals.
std::vector<DayResult> simulate(const ArrivalPlan& arrivals,
                                const std::vector<StrategyProfile>& strategies,
                                const Prices& prices, const SimulationOptions& options = {});

}  // namespace phork::bench
