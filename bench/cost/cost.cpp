// SPDX-License-Identifier: MIT
#include "bench/cost/cost.h"

#include <algorithm>
#include <cmath>

namespace phork::bench {
namespace {

constexpr double kMbPerGb = 1024;
constexpr double kKbPerMb = 1024;
constexpr double kMillion = 1e6;
// Not documented by AWS; observed. https://github.com/pwrdrvr/lambda-dispatch/issues/246
constexpr double kCpuPeriodUs = 20'000;

// The parts of a time: waiting, which is independent of the CPU, and computing on `width` CPUs.
struct Load {
  Load(double wall_us, double cpu_us)
      : computing_us(std::min(wall_us, cpu_us)),
        waiting_us(wall_us - computing_us),
        width(computing_us > 0 ? cpu_us / computing_us : 1) {}

  double computing_us;
  double waiting_us;
  double width;
};

double cpu_share(unsigned memory_mb) {
  return memory_mb / kMemoryOfOneCpuMb;
}

// Averages over all events, and over all pairs of a cold start and an event.
struct Averages {
  double billed_ms = 0;
  double spaced_ms = 0;
  double init_ms = 0;
  // Added by INIT when INIT and event are rounded up together.
  double added_ms = 0;
  double spaced_added_ms = 0;
};

double added_milliseconds(const std::vector<double>& inits_us, double event_us) {
  double added = 0;
  for (const double init_us : inits_us) {
    added += static_cast<double>(billed_milliseconds(init_us + event_us) -
                                 billed_milliseconds(event_us));
  }
  return inits_us.empty() ? 0 : added / static_cast<double>(inits_us.size());
}

Averages averages_of(const StrategyProfile& strategy, unsigned memory_mb) {
  Averages sums;
  std::vector<double> inits_us;
  for (const std::int64_t cold_start_us : strategy.cold_starts_us) {
    inits_us.push_back(init_us(static_cast<double>(cold_start_us), memory_mb));
    sums.init_ms += inits_us.back() / 1000 / static_cast<double>(strategy.cold_starts_us.size());
  }
  const auto cpu_us = static_cast<double>(strategy.cpu_us_per_event);
  const auto events = static_cast<double>(strategy.events.size());
  for (const EventTimes& event : strategy.events) {
    const auto billed_us = static_cast<double>(event.billed_us);
    const double sustained = sustained_us(billed_us, cpu_us, memory_mb);
    const double spaced = spaced_us(billed_us, cpu_us, memory_mb);
    sums.billed_ms += static_cast<double>(billed_milliseconds(sustained)) / events;
    sums.spaced_ms += static_cast<double>(billed_milliseconds(spaced)) / events;
    sums.added_ms += added_milliseconds(inits_us, sustained) / events;
    sums.spaced_added_ms += added_milliseconds(inits_us, spaced) / events;
  }
  return sums;
}

// The price of a million events of `billed_ms` each.
double million_durations_usd(double billed_ms, unsigned memory_mb, const Prices& prices,
                             const CostOptions& options) {
  const double gb_seconds = kMillion * billed_ms / 1000 * memory_mb / kMbPerGb;
  return prices.duration_usd(gb_seconds, options.architecture);
}

MillionEvents million_events(const StrategyProfile& strategy, unsigned memory_mb,
                             const Prices& prices, const CostOptions& options) {
  MillionEvents cost;
  cost.memory_mb = memory_mb;
  cost.too_small = is_too_small(strategy, memory_mb);
  if (cost.too_small || strategy.events.empty()) return cost;
  const Averages average = averages_of(strategy, memory_mb);
  const double with_init_ms = average.billed_ms + options.cold_start_share * average.added_ms;
  const double spaced_ms = average.spaced_ms + options.cold_start_share * average.spaced_added_ms;
  cost.billed_ms = average.billed_ms;
  cost.init_ms = average.init_ms;
  cost.requests_usd = prices.request_usd(kMillion);
  cost.duration_usd = million_durations_usd(average.billed_ms, memory_mb, prices, options);
  cost.init_usd =
      million_durations_usd(with_init_ms, memory_mb, prices, options) - cost.duration_usd;
  cost.storage_usd = prices.storage_usd(kMillion * with_init_ms / 1000, options.storage_mb);
  cost.total_usd = cost.requests_usd + cost.duration_usd + cost.init_usd + cost.storage_usd;
  cost.spaced_total_usd = cost.requests_usd +
                          million_durations_usd(spaced_ms, memory_mb, prices, options) +
                          prices.storage_usd(kMillion * spaced_ms / 1000, options.storage_mb);
  return cost;
}

}  // namespace

double sustained_us(double wall_us, double cpu_us, unsigned memory_mb) {
  const Load load(wall_us, cpu_us);
  return load.waiting_us + load.computing_us * std::max(1.0, load.width / cpu_share(memory_mb));
}

double spaced_us(double wall_us, double cpu_us, unsigned memory_mb) {
  const Load load(wall_us, cpu_us);
  const double share = cpu_share(memory_mb);
  if (cpu_us <= 0 || load.width <= share) return wall_us;
  const double quota_us = share * kCpuPeriodUs;
  const double used_up = std::ceil(cpu_us / quota_us) - 1;  // periods in which the quota runs out
  return load.waiting_us + used_up * kCpuPeriodUs + (cpu_us - used_up * quota_us) / load.width;
}

double init_us(double cold_start_us, unsigned memory_mb) {
  return sustained_us(cold_start_us, cold_start_us, memory_mb);
}

bool is_too_small(const StrategyProfile& strategy, unsigned memory_mb) {
  return static_cast<double>(strategy.peak_memory_kb) > memory_mb * kKbPerMb;
}

CostTable cost_table(const std::vector<StrategyProfile>& strategies, const Prices& prices,
                     const CostOptions& options) {
  CostTable table{options, prices.region, prices.date, {}};
  for (const StrategyProfile& strategy : strategies) {
    CostRow row{strategy.label, {}};
    for (const unsigned memory_mb : options.memory_mb) {
      row.sizes.push_back(million_events(strategy, memory_mb, prices, options));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace phork::bench
