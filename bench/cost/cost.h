// SPDX-License-Identifier: MIT
//
// What a million events cost under each strategy and with each memory size, from what was measured
// with a whole CPU. Memory buys CPU: below 1,769 MB a function has less than one vCPU, and what it
// computes takes longer, what it waits for does not. Pure; docs/cost.md has the formula, its
// assumptions and an example by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/cost/prices.h"
#include "bench/measure/statistics.h"

namespace phork::bench {

// One event's two times, which belong together.
struct EventTimes {
  std::int64_t latency_us = 0;  // event out -> answer in
  std::int64_t billed_us = 0;   // event out -> the following `next`
};

// What is known of one strategy (or of any other runtime) with one application.
struct StrategyProfile {
  std::string label;
  Samples cold_starts_us;  // process started -> first `next`
  std::vector<EventTimes> events;
  // User and system time of all processes for one event, on average; more than `billed_us` where
  // several compute at once.
  std::int64_t cpu_us_per_event = 0;
  std::int64_t peak_memory_kb = 0;
};

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
constexpr double kMemoryOfOneCpuMb = 1769;

// How long what took `wall_us`, of which the CPU was busy for `cpu_us`, takes at a memory size.
// Events that follow one another get their share of the CPU and no more: the most it can take.
double sustained_us(double wall_us, double cpu_us, unsigned memory_mb);

// The same for an event that finds the quota of its period unused, at the worst moment of a period.
double spaced_us(double wall_us, double cpu_us, unsigned memory_mb);

// A cold start, taken as one busy CPU from beginning to end.
double init_us(double cold_start_us, unsigned memory_mb);

// Whether it used more memory than that.
bool is_too_small(const StrategyProfile& strategy, unsigned memory_mb);

struct CostOptions {
  std::vector<unsigned> memory_mb{128, 256, 512, 1024, 1769, 3008};
  Architecture architecture = Architecture::kX86;
  // Of the events; AWS reports less than 1 % of them in production.
  //   https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
  double cold_start_share = 0.01;
  double storage_mb = 512;  // of /tmp
};

// A million events of one strategy at one memory size, in USD.
struct MillionEvents {
  unsigned memory_mb = 0;
  bool too_small = false;  // it needs more memory than that; the rest is 0
  double billed_ms = 0;    // of one event, on average, without INIT
  double init_ms = 0;      // of one cold start, on average
  double requests_usd = 0;
  double duration_usd = 0;
  double init_usd = 0;  // what the cold starts add
  double storage_usd = 0;
  double total_usd = 0;
  double spaced_total_usd = 0;  // were no event throttled by the one before it
};

struct CostRow {
  std::string label;
  std::vector<MillionEvents> sizes;  // in the order of CostOptions::memory_mb
};

struct CostTable {
  CostOptions options;
  std::string region;
  std::string prices_date;
  std::vector<CostRow> rows;
};

CostTable cost_table(const std::vector<StrategyProfile>& strategies, const Prices& prices,
                     const CostOptions& options = {});

}  // namespace phork::bench
