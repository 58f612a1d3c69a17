// SPDX-License-Identifier: MIT
#include "bench/cost/arrivals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>
#include <system_error>
#include <utility>

#include "runtime/base/text.h"

namespace phork::bench {
namespace {

// More than an account may invoke by default; the simulation of it takes minutes.
constexpr double kMostPerDay = 1e9;
constexpr double kDayS = 86'400;
// How far a diurnal rate swings around its mean.
constexpr double kDiurnalSwing = 0.9;

struct Unit {
  std::string_view name;
  double seconds;
};

constexpr std::array<Unit, 4> kUnits{{{"s", 1}, {"min", 60}, {"h", 3600}, {"day", kDayS}}};

constexpr std::string_view kForms = "poisson:RATE, diurnal:RATE, burst:N, burst:N@PERIOD or a file";

base::Error unreadable(std::string_view spec, const std::string& expected) {
  return {base::ErrorKind::kInvalid,
          "arrivals: read '" + std::string(spec) + "': expected " + expected};
}

// Cuts a number above 0 off the beginning of `text`; 0 if there is none.
double take_number(std::string_view& text) {
  const double value = base::take_number<double>(text).value_or(0);
  return std::isfinite(value) && value > 0 ? value : 0;
}

// 0 for an unknown unit.
double seconds_of(std::string_view unit) {
  const auto* found = std::ranges::find(kUnits, unit, &Unit::name);
  return found == kUnits.end() ? 0 : found->seconds;
}

// The rate per second; empty if the text is not a rate.
std::optional<double> parse_rate(std::string_view text) {
  const double count = take_number(text);
  if (count == 0) return std::nullopt;
  if (text.empty()) return count;
  const double unit_s = text.front() == '/' ? seconds_of(text.substr(1)) : 0;
  if (unit_s == 0) return std::nullopt;
  return count / unit_s;
}

template <typename Shape>
base::Result<ArrivalPlan> random_plan(const std::string& spec, std::string_view rate) {
  const std::optional<double> per_second = parse_rate(rate);
  if (!per_second) return unreadable(spec, "a rate such as 5/s, 300/min, 1000/h or 20000/day");
  if (*per_second * kDayS > kMostPerDay) return unreadable(spec, "at most 1e9 arrivals a day");
  return ArrivalPlan{spec, Shape{*per_second}, 1};
}

base::Result<ArrivalPlan> burst_plan(const std::string& spec, std::string_view text) {
  const auto expected = [&spec] {
    return unreadable(spec, "how many at once, and how often: burst:100 or burst:100@10min");
  };
  BurstArrivals burst;
  burst.size = base::take_number<decltype(burst.size)>(text).value_or(0);
  if (burst.size <= 0) return expected();
  double period_s = kDayS;
  if (!text.empty()) {
    if (text.front() != '@') return expected();
    text.remove_prefix(1);
    const double count = take_number(text);
    period_s = count * seconds_of(text);
    if (period_s * kSecondUs < 1) return expected();
  }
  const double per_day = static_cast<double>(burst.size) * std::ceil(kDayS / period_s);
  if (per_day > kMostPerDay) return unreadable(spec, "at most 1e9 arrivals a day");
  burst.period_us = std::llround(std::min(period_s, kDayS) * kSecondUs);
  return ArrivalPlan{spec, burst, 1};
}

base::Result<ArrivalPlan> file_plan(const std::string& spec) {
  std::error_code ignored;
  std::ifstream file(spec, std::ios::binary);
  // A directory can be opened, but reading its first byte throws.
  if (!file || std::filesystem::is_directory(spec, ignored)) {
    return unreadable(spec, std::string(kForms) + "; no file of that name can be read");
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return parse_recording(text, spec);
}

}  // namespace

base::Result<ArrivalPlan> parse_arrivals(const std::string& spec) {
  const std::string_view text = spec;
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view rest = text.substr(colon + 1);
    if (kind == "poisson") return random_plan<PoissonArrivals>(spec, rest);
    if (kind == "diurnal") return random_plan<DiurnalArrivals>(spec, rest);
    if (kind == "burst") return burst_plan(spec, rest);
  }
  return file_plan(spec);
}

double Random::unit() {
  // The 53 bits that a double holds.
  return static_cast<double>(engine_() >> 11U) * 0x1p-53;
}

double Random::exponential() {
  return -std::log1p(-unit());
}

std::size_t Random::index(std::size_t size) {
  return static_cast<std::size_t>(unit() * static_cast<double>(size));
}

ArrivalStream::ArrivalStream(const ArrivalPlan& plan, std::uint64_t seed)
    : plan_(plan), end_us_(plan.days * kDayUs), random_(seed) {}

std::optional<std::int64_t> ArrivalStream::next() {
  return std::visit([this](const auto& shape) { return next_of(shape); }, plan_.shape);
}

std::optional<std::int64_t> ArrivalStream::advance(double gap_us) {
  now_us_ += gap_us;
  if (now_us_ >= static_cast<double>(end_us_)) return std::nullopt;
  return static_cast<std::int64_t>(now_us_);
}

std::optional<std::int64_t> ArrivalStream::next_of(const PoissonArrivals& shape) {
  return advance(random_.exponential() * kSecondUs / shape.per_second);
}

// Thinning: draws arrivals at the highest rate and keeps the share of the current rate.
std::optional<std::int64_t> ArrivalStream::next_of(const DiurnalArrivals& shape) {
  constexpr double kTurn = 2 * std::numbers::pi / kDayUs;
  const double highest = shape.per_second * (1 + kDiurnalSwing);
  while (true) {
    const std::optional<std::int64_t> candidate =
        advance(random_.exponential() * kSecondUs / highest);
    if (!candidate) return candidate;
    const double rate = shape.per_second * (1 - kDiurnalSwing * std::cos(kTurn * now_us_));
    if (random_.unit() * highest < rate) return candidate;
  }
}

std::optional<std::int64_t> ArrivalStream::next_of(const BurstArrivals& shape) {
  if (given_ == shape.size) {
    given_ = 0;
    now_us_ += static_cast<double>(shape.period_us);
  }
  ++given_;
  return advance(0);
}

std::optional<std::int64_t> ArrivalStream::next_of(const RecordedTimes& shape) {
  if (position_ == shape.at_us.size()) return std::nullopt;
  return shape.at_us[position_++];
}

// Of n arrivals left in a minute, the next is the smallest of n random moments.
std::optional<std::int64_t> ArrivalStream::next_of(const RecordedMinutes& shape) {
  while (position_ < shape.counts.size() && given_ == shape.counts[position_]) {
    given_ = 0;
    ++position_;
    now_us_ = static_cast<double>(position_) * kMinuteUs;
  }
  if (position_ == shape.counts.size()) return std::nullopt;
  const auto left = static_cast<double>(shape.counts[position_] - given_++);
  const double end_us = static_cast<double>(position_ + 1) * kMinuteUs;
  return advance((end_us - now_us_) * (1 - std::pow(1 - random_.unit(), 1 / left)));
}

}  // namespace phork::bench
