// SPDX-License-Identifier: MIT
//
// Arrival times of events: a plan, as the user wrote it, and a stream that draws arrivals from it
// in the order of time. The same plan and seed give the same arrivals on every machine. Memory does
// not grow with the number of arrivals, except for a file of timestamps.
//
//   poisson:5/s          at random, like independent visitors; also /min, /h, /day
//   diurnal:5/s          the same mean, with 10 % of it at midnight and 190 % at noon
//   burst:100            a hundred at once, once a day
//   burst:100@10min      a hundred at once, every ten minutes; also s, h, day
//   FILE                 timestamps, counts per minute, or output of CloudWatch: docs/cost.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/result.h"

namespace phork::bench {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kMinuteUs = 60 * kSecondUs;
constexpr std::int64_t kDayUs = 1440 * kMinuteUs;

struct PoissonArrivals {
  double per_second = 0;
};

struct DiurnalArrivals {
  double per_second = 0;  // mean over the day
};

struct BurstArrivals {
  std::int64_t size = 0;
  std::int64_t period_us = kDayUs;
};

struct RecordedTimes {
  std::vector<std::int64_t> at_us;  // in order, the first is 0
};

// Spread at random over their minute, as a count has no times.
struct RecordedMinutes {
  std::vector<std::int64_t> counts;
};

using ArrivalShape =
    std::variant<PoissonArrivals, DiurnalArrivals, BurstArrivals, RecordedTimes, RecordedMinutes>;

struct ArrivalPlan {
  std::string spec;  // as the user wrote it
  ArrivalShape shape;
  // Whole days that it covers: as many as a recording needs, else one.
  std::int64_t days = 1;
};

// Parses what the user wrote; reads FILE.
base::Result<ArrivalPlan> parse_arrivals(const std::string& spec);

// Parses the text of a recording. Errors have `name` and the number of the line.
base::Result<ArrivalPlan> parse_recording(std::string_view text, const std::string& name);

// Random numbers that are the same on every machine: distributions of the standard library are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  double unit();         // in [0, 1)
  double exponential();  // with mean 1
  std::size_t index(std::size_t size);

 private:
  std::mt19937_64 engine_;
};

class ArrivalStream {
 public:
  // The plan outlives the stream.
  ArrivalStream(const ArrivalPlan& plan, std::uint64_t seed);

  // The next arrival in microseconds since midnight of the first day; empty after the last.
  std::optional<std::int64_t> next();

 private:
  std::optional<std::int64_t> next_of(const PoissonArrivals& shape);
  std::optional<std::int64_t> next_of(const DiurnalArrivals& shape);
  std::optional<std::int64_t> next_of(const BurstArrivals& shape);
  std::optional<std::int64_t> next_of(const RecordedTimes& shape);
  std::optional<std::int64_t> next_of(const RecordedMinutes& shape);

  std::optional<std::int64_t> advance(double gap_us);

  const ArrivalPlan& plan_;
  const std::int64_t end_us_;
  Random random_;
  double now_us_ = 0;
  std::size_t position_ = 0;  // in a burst or a recording
  std::int64_t given_ = 0;    // of the burst or minute at `position_`
};

}  // namespace phork::bench
