// SPDX-License-Identifier: MIT
#include "bench/cost/simulation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <deque>
#include <functional>
#include <queue>

namespace phork::bench {
namespace {

constexpr double kMbPerGb = 1024;
constexpr double kDaysPerMonth = 30;
// Lambda's limit of requests per second is ten times that of environments.
constexpr std::int64_t kRequestsPerEnvironmentSecond = 10;
// Arrivals and times are drawn from independent generators.
constexpr std::uint64_t kOtherSeed = 0x9E3779B97F4A7C15;

std::int64_t rounded(double value) {
  return std::llround(value);
}

// The times of a measured event with the memory of the simulation.
struct StretchedEvent {
  std::int64_t latency_us = 0;
  std::int64_t billed_us = 0;
};

// The times to draw from.
struct Model {
  Model(const StrategyProfile& strategy, unsigned memory_mb) {
    const auto cpu_us = static_cast<double>(strategy.cpu_us_per_event);
    for (const EventTimes& event : strategy.events) {
      const auto latency_us = static_cast<double>(event.latency_us);
      const auto billed_us = static_cast<double>(event.billed_us);
      // How much of the CPU time was before the answer is not measured: assume an even share.
      const double before_us = billed_us > 0 ? cpu_us * latency_us / billed_us : 0;
      events.push_back({rounded(sustained_us(latency_us, before_us, memory_mb)),
                        rounded(sustained_us(billed_us, cpu_us, memory_mb))});
    }
    for (const std::int64_t cold_start_us : strategy.cold_starts_us) {
      inits_us.push_back(rounded(init_us(static_cast<double>(cold_start_us), memory_mb)));
    }
    if (inits_us.empty()) inits_us.push_back(0);
  }

  std::vector<StretchedEvent> events;
  std::vector<std::int64_t> inits_us;
};

// Permits `capacity` at once and `per_second` more each second.
class TokenBucket {
 public:
  TokenBucket(double capacity, double per_second)
      : capacity_(capacity), per_us_(per_second / kSecondUs), tokens_(capacity) {}

  bool take(std::int64_t now_us) {
    tokens_ = std::min(capacity_, tokens_ + static_cast<double>(now_us - last_us_) * per_us_);
    last_us_ = now_us;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const double capacity_;
  const double per_us_;
  double tokens_;
  std::int64_t last_us_ = 0;
};

enum class Admission { kWarm, kCold, kThrottled };

// The environments of one function.
class Fleet {
 public:
  explicit Fleet(const SimulationOptions& options)
      : idle_timeout_us_(std::chrono::microseconds(options.idle_timeout).count()),
        concurrency_(static_cast<std::size_t>(options.concurrency)),
        starts_(static_cast<double>(options.starts_per_ten_seconds),
                static_cast<double>(options.starts_per_ten_seconds) / 10),
        requests_(static_cast<double>(options.concurrency * kRequestsPerEnvironmentSecond),
                  static_cast<double>(options.concurrency * kRequestsPerEnvironmentSecond)) {}

  Admission admit(std::int64_t now_us) {
    free_and_end(now_us);
    if (busy_until_us_.size() >= concurrency_ || !requests_.take(now_us)) {
      return Admission::kThrottled;
    }
    if (!idle_since_us_.empty()) {
      idle_since_us_.pop_back();
      return Admission::kWarm;
    }
    return starts_.take(now_us) ? Admission::kCold : Admission::kThrottled;
  }

  // Occupies an environment for the event admitted last.
  void occupy_until(std::int64_t end_us) {
    busy_until_us_.push(end_us);
    // A new environment starts only when none is idle, so the busy ones are all there are.
    peak_ = std::max(peak_, busy_until_us_.size());
  }

  std::int64_t peak() const { return static_cast<std::int64_t>(peak_); }

 private:
  void free_and_end(std::int64_t now_us) {
    while (!busy_until_us_.empty() && busy_until_us_.top() <= now_us) {
      idle_since_us_.push_back(busy_until_us_.top());
      busy_until_us_.pop();
    }
    while (!idle_since_us_.empty() && idle_since_us_.front() + idle_timeout_us_ <= now_us) {
      idle_since_us_.pop_front();
    }
  }

  const std::int64_t idle_timeout_us_;
  const std::size_t concurrency_;
  TokenBucket starts_;
  TokenBucket requests_;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> busy_until_us_;
  std::deque<std::int64_t> idle_since_us_;  // the one freed last at the back
  std::size_t peak_ = 0;
};

// Counts values: exact below 1024, within 0.2 % above.
class Histogram {
 public:
  void add(std::int64_t value) {
    ++counts_[bucket_of(static_cast<std::uint64_t>(value))];
    ++total_;
  }

  // By nearest rank, the least value of the bucket; 0 without values.
  std::int64_t percentile(double percent) const {
    const auto rank = static_cast<std::int64_t>(std::ceil(percent / 100 * double(total_)));
    std::int64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen > 0 && seen >= rank) return least_of(bucket);
    }
    return 0;
  }

 private:
  static constexpr unsigned kBits =
      9;  // of a value that distinguish buckets, after the leading one
  static constexpr std::size_t kSteps = std::size_t{1} << kBits;
  static constexpr std::size_t kOctaves = 54;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < kSteps) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return shift * kSteps + (value >> shift);
  }

  static std::int64_t least_of(std::size_t bucket) {
    if (bucket < 2 * kSteps) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / kSteps - 1;
    return static_cast<std::int64_t>((bucket - shift * kSteps) << shift);
  }

  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>((kOctaves + 2) * kSteps);
  std::int64_t total_ = 0;
};

// Sums over all days of one strategy.
struct Totals {
  std::int64_t served = 0;
  std::int64_t throttled = 0;
  std::int64_t cold_starts = 0;
  std::int64_t busy_us = 0;
  std::int64_t billed_ms = 0;
  Histogram latencies;
};

void serve(const Model& model, Random& random, bool cold, std::int64_t now_us, Fleet& fleet,
           Totals& totals) {
  const StretchedEvent& event = model.events[random.index(model.events.size())];
  const std::int64_t init_us = cold ? model.inits_us[random.index(model.inits_us.size())] : 0;
  const std::int64_t busy_us = init_us + event.billed_us;
  fleet.occupy_until(now_us + busy_us);
  ++totals.served;
  totals.cold_starts += cold ? 1 : 0;
  totals.busy_us += busy_us;
  totals.billed_ms += billed_milliseconds(static_cast<double>(busy_us));
  totals.latencies.add(init_us + event.latency_us);
}

DayResult result_of(const Totals& totals, const Fleet& fleet, double days, const Prices& prices,
                    const SimulationOptions& options) {
  DayResult day;
  day.events = static_cast<double>(totals.served) / days;
  day.throttled = static_cast<double>(totals.throttled) / days;
  day.cold_starts = static_cast<double>(totals.cold_starts) / days;
  if (totals.served > 0) day.cold_start_share = day.cold_starts / day.events;
  day.peak_environments = fleet.peak();
  day.mean_busy = static_cast<double>(totals.busy_us) / (days * kDayUs);
  day.latency_p50_us = totals.latencies.percentile(50);
  day.latency_p99_us = totals.latencies.percentile(99);
  day.latency_p999_us = totals.latencies.percentile(99.9);
  const double billed_s = static_cast<double>(totals.billed_ms) / 1000 / days;
  day.gb_seconds = billed_s * options.memory_mb / kMbPerGb;
  day.usd_per_month = prices.request_usd(kDaysPerMonth * day.events) +
                      prices.duration_usd(kDaysPerMonth * day.gb_seconds, options.architecture) +
                      prices.storage_usd(kDaysPerMonth * billed_s, options.storage_mb);
  day.usd_per_day = day.usd_per_month / kDaysPerMonth;
  return day;
}

DayResult simulate_one(const ArrivalPlan& arrivals, const StrategyProfile& strategy,
                       const Prices& prices, const SimulationOptions& options) {
  const Model model(strategy, options.memory_mb);
  ArrivalStream stream(arrivals, options.seed);
  Random random(options.seed ^ kOtherSeed);
  Fleet fleet(options);
  Totals totals;
  while (const std::optional<std::int64_t> now_us = stream.next()) {
    const Admission admission = fleet.admit(*now_us);
    if (admission == Admission::kThrottled) {
      ++totals.throttled;
    } else {
      serve(model, random, admission == Admission::kCold, *now_us, fleet, totals);
    }
  }
  return result_of(totals, fleet, static_cast<double>(arrivals.days), prices, options);
}

}  // namespace

std::vector<DayResult> simulate(const ArrivalPlan& arrivals,
                                const std::vector<StrategyProfile>& strategies,
                                const Prices& prices, const SimulationOptions& options) {
  std::vector<DayResult> results;
  for (const StrategyProfile& strategy : strategies) {
    DayResult day;
    const bool too_small = is_too_small(strategy, options.memory_mb);
    if (!too_small && !strategy.events.empty()) {
      day = simulate_one(arrivals, strategy, prices, options);
    }
    day.label = strategy.label;
    day.too_small = too_small;
    results.push_back(std::move(day));
  }
  return results;
}

}  // namespace phork::bench
