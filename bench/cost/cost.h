// SPDX-License-Identifier: MIT
//
// The price of a million events under each strategy and memory size, computed from measurements
// with a whole CPU. CPU time grows with memory: below 1,769 MB a function has less than one vCPU,
// so computing takes longer and waiting does not. Pure. docs/cost.md has the formula, its
// assumptions and an example by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/cost/prices.h"
#include "bench/measure/statistics.h"

namespace phork::bench {

// Both times of one event.
struct EventTimes {
  std::int64_t latency_us = 0;  // event out -> answer in
  std::int64_t billed_us = 0;   // event out -> the following `next`
};

// Measurements of one strategy, or another runtime, with one application.
struct StrategyProfile {
  std::string label;
  Samples cold_starts_us;  // process started -> first `next`
  std::vector<EventTimes> events;
  // User and system time of all processes for one event, on average. More than `billed_us` where
  // several processes compute at once.
  std::int64_t cpu_us_per_event = 0;
  std::int64_t peak_memory_kb = 0;
};

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
constexpr double kMemoryOfOneCpuMb = 1769;

// The time at a memory size of an event that took `wall_us` with a whole CPU, which was busy for
// `cpu_us` of it. Events that follow one another get just their share of the CPU: this is the
// longest time.
double sustained_us(double wall_us, double cpu_us, unsigned memory_mb);

// The same for an event that comes alone and finds the quota of its period unused, but begins at
// the worst moment of the period.
double spaced_us(double wall_us, double cpu_us, unsigned memory_mb);

// A cold start, which is assumed to keep one CPU busy all the time.
double init_us(double cold_start_us, unsigned memory_mb);

// True if the strategy used more memory than that.
bool is_too_small(const StrategyProfile& strategy, unsigned memory_mb);

struct CostOptions {
  std::vector<unsigned> memory_mb{128, 256, 512, 1024, 1769, 3008};
  Architecture architecture = Architecture::kX86;
  // Share of the events; AWS reports less than 1 % in production.
  //   https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
  double cold_start_share = 0.01;
  double storage_mb = 512;  // of /tmp
};

// A million events of one strategy at one memory size, in USD.
struct MillionEvents {
  unsigned memory_mb = 0;
  bool too_small = false;  // the strategy needs more memory; the rest is 0
  double billed_ms = 0;    // of one event, on average, without INIT
  double init_ms = 0;      // of one cold start, on average
  double requests_usd = 0;
  double duration_usd = 0;
  double init_usd = 0;  // added by cold starts
  double storage_usd = 0;
  double total_usd = 0;
  double spaced_total_usd = 0;  // if no event is throttled because of the one before
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
