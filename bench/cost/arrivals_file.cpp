// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <simdjson.h>

#include "bench/cost/arrivals.h"
#include "runtime/base/text.h"

namespace phork::bench {
namespace {

using simdjson::dom::element;

constexpr std::int64_t kMinutesPerDay = kDayUs / kMinuteUs;
// A longer recording has the wrong unit: milliseconds instead of seconds.
constexpr std::int64_t kMostDays = 366;
// Arrivals in one minute; Lambda does not accept a hundredth of it.
constexpr double kMostPerMinute = 1e9;
constexpr std::size_t kShownBytes = 40;

struct Minute {
  std::int64_t number;
  std::int64_t count;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanksAndQuotes = " \t\r\"";
  return base::trim(text, kBlanksAndQuotes);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = base::parse_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

// The number of `count` digits at `position`; -1 if there are other characters.
int digits(std::string_view text, std::size_t position, std::size_t count) {
  if (position + count > text.size()) return -1;
  int value = 0;
  for (const char digit : text.substr(position, count)) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

// A time zone (Z, +02:00, +0200 or nothing) as seconds east of UTC.
std::optional<int> parse_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const bool with_colon = text.size() == 6 && text[3] == ':';
  if ((text[0] != '+' && text[0] != '-') || (text.size() != 5 && !with_colon)) return std::nullopt;
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, with_colon ? 4 : 3, 2);
  if (hours < 0 || minutes < 0) return std::nullopt;
  return (text[0] == '-' ? -60 : 60) * (hours * 60 + minutes);
}

// Cuts seconds and their fraction, ":30.25", off the text; 0 where there are none.
std::optional<double> take_seconds(std::string_view& text) {
  if (text.empty() || text.front() != ':') return 0;
  const std::size_t end = std::min(text.find_first_not_of("0123456789.", 1), text.size());
  const std::optional<double> seconds = parse_number(text.substr(1, end - 1));
  text.remove_prefix(end);
  if (seconds && *seconds < 61) return seconds;
  return std::nullopt;
}

// "2026-11-20", in seconds since 1970.
std::optional<double> parse_date(std::string_view text) {
  namespace chrono = std::chrono;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const chrono::year_month_day date(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(
      chrono::sys_seconds(chrono::sys_days(date)).time_since_epoch().count());
}

// "2026-11-20T09:30:00.5Z" and similar forms, in seconds since 1970. UTC unless a zone is given.
std::optional<double> parse_iso(std::string_view text) {
  const std::optional<double> date_s = parse_date(text);
  const int hours = digits(text, 11, 2);
  const int minutes = digits(text, 14, 2);
  if (!date_s || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  if ((text[10] != 'T' && text[10] != ' ') || text[13] != ':') return std::nullopt;
  text.remove_prefix(16);
  const std::optional<double> seconds = take_seconds(text);
  const std::optional<int> zone_s = parse_zone(text);
  if (!seconds || !zone_s) return std::nullopt;
  return *date_s + hours * 3600 + minutes * 60 + *seconds - *zone_s;
}

std::optional<double> parse_time(std::string_view text) {
  const std::optional<double> seconds = parse_number(text);
  return seconds ? seconds : parse_iso(text);
}

std::optional<std::int64_t> as_count(double value) {
  if (value < 0 || value > kMostPerMinute || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// A recording of either times or counts: all lines have the form of the first.
class Recording {
 public:
  explicit Recording(const std::string& name) : name_(name) {}

  base::Status read_lines(std::string_view text);
  base::Status read_json(std::string_view text);
  base::Result<ArrivalPlan> plan();

 private:
  base::Error error(const std::string& reason) const {
    return {base::ErrorKind::kInvalid, "arrivals: read '" + name_ + "': " + reason};
  }

  base::Error line_error(const std::string& expected, std::string_view got) const {
    return error("line " + std::to_string(line_) + ": expected " + expected + ", got '" +
                 std::string(got.substr(0, kShownBytes)) + "'");
  }

  base::Status read_line(std::string_view line);
  base::Status read_count(std::string_view line, std::size_t comma);
  base::Status read_numbers(simdjson::dom::array counts);
  base::Status read_datapoints(simdjson::dom::array points);
  base::Result<ArrivalPlan> times_plan();
  base::Result<ArrivalPlan> minutes_plan();

  const std::string& name_;
  std::size_t line_ = 0;
  std::vector<double> times_s_;
  std::vector<Minute> minutes_;
  // Minutes count from the first one, not from 0.
  bool dated_ = false;
};

base::Status Recording::read_lines(std::string_view text) {
  while (!text.empty()) {
    ++line_;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const bool may_be_heading = times_s_.empty() && minutes_.empty();
    base::Status read = read_line(line);
    const bool heading = may_be_heading && std::isalpha(static_cast<unsigned char>(line.front()));
    if (!read && !heading) return read;
  }
  return base::ok_status();
}

base::Status Recording::read_line(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma != std::string_view::npos) return read_count(line, comma);
  const std::optional<double> seconds = parse_time(line);
  if (!seconds) return line_error("seconds or an ISO 8601 time", line);
  if (!minutes_.empty()) return line_error("TIME,COUNT as before", line);
  times_s_.push_back(*seconds);
  return base::ok_status();
}

// "MINUTE,COUNT" or "ISO TIME,COUNT".
base::Status Recording::read_count(std::string_view line, std::size_t comma) {
  if (!times_s_.empty()) return line_error("one time as before", line);
  const std::string_view when = trimmed(line.substr(0, comma));
  const std::optional<double> value = parse_number(trimmed(line.substr(comma + 1)));
  const std::optional<std::int64_t> count = value ? as_count(*value) : std::nullopt;
  if (!count) return line_error("a whole number of arrivals after the comma", line);
  const std::optional<double> iso = parse_iso(when);
  const std::optional<double> number = parse_number(when);
  if (iso) {
    dated_ = true;
    minutes_.push_back({static_cast<std::int64_t>(std::floor(*iso / 60)), *count});
  } else if (number && as_count(*number)) {
    minutes_.push_back({*as_count(*number), *count});
  } else {
    return line_error("the number of a minute or an ISO 8601 time before the comma", line);
  }
  return base::ok_status();
}

// A list of counts, one for each minute, or the output of
// `aws cloudwatch get-metric-statistics`.
base::Status Recording::read_json(std::string_view text) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) {
    return error("expected valid JSON");
  }
  simdjson::dom::array list;
  if (root.get(list) == simdjson::SUCCESS) return read_numbers(list);
  if (root.at_key("Datapoints").get(list) == simdjson::SUCCESS) return read_datapoints(list);
  return error("expected a list of counts, or an object with Datapoints");
}

base::Status Recording::read_numbers(simdjson::dom::array counts) {
  for (const element entry : counts) {
    double value = 0;
    const bool is_number = entry.get(value) == simdjson::SUCCESS;
    const std::optional<std::int64_t> count = is_number ? as_count(value) : std::nullopt;
    const auto number = static_cast<std::int64_t>(minutes_.size());
    if (!count) return error("entry " + std::to_string(number) + ": expected a count");
    minutes_.push_back({number, *count});
  }
  return base::ok_status();
}

base::Status Recording::read_datapoints(simdjson::dom::array points) {
  dated_ = true;
  for (const element point : points) {
    std::string_view when;
    double sum = 0;
    const bool has_both = point.at_key("Timestamp").get(when) == simdjson::SUCCESS &&
                          point.at_key("Sum").get(sum) == simdjson::SUCCESS;
    const std::optional<double> iso = has_both ? parse_iso(when) : std::nullopt;
    const std::optional<std::int64_t> count = as_count(sum);
    if (!iso || !count) {
      return error("entry " + std::to_string(minutes_.size()) +
                   " of Datapoints: expected an ISO 8601 Timestamp and a count as Sum");
    }
    minutes_.push_back({static_cast<std::int64_t>(std::floor(*iso / 60)), *count});
  }
  return base::ok_status();
}

base::Result<ArrivalPlan> Recording::plan() {
  if (!times_s_.empty()) return times_plan();
  if (!minutes_.empty()) return minutes_plan();
  return error("expected at least one arrival");
}

base::Result<ArrivalPlan> Recording::times_plan() {
  std::ranges::sort(times_s_);
  const double span_s = times_s_.back() - times_s_.front();
  if (span_s >= kMostDays * 86'400.0) return error("expected times in seconds within a year");
  RecordedTimes recorded;
  recorded.at_us.reserve(times_s_.size());
  for (const double time_s : times_s_) {
    recorded.at_us.push_back(std::llround((time_s - times_s_.front()) * kSecondUs));
  }
  const std::int64_t days = recorded.at_us.back() / kDayUs + 1;
  return ArrivalPlan{name_, std::move(recorded), days};
}

base::Result<ArrivalPlan> Recording::minutes_plan() {
  const auto [first, last] = std::ranges::minmax_element(minutes_, {}, &Minute::number);
  const std::int64_t begin = dated_ ? first->number : 0;
  const std::int64_t minutes = last->number - begin + 1;
  if (minutes > kMostDays * kMinutesPerDay) return error("expected minutes within a year");
  RecordedMinutes recorded;
  recorded.counts.resize(static_cast<std::size_t>(minutes));
  for (const Minute& minute : minutes_) {
    recorded.counts[static_cast<std::size_t>(minute.number - begin)] += minute.count;
  }
  const std::int64_t days = (minutes + kMinutesPerDay - 1) / kMinutesPerDay;
  return ArrivalPlan{name_, std::move(recorded), days};
}

}  // namespace

base::Result<ArrivalPlan> parse_recording(std::string_view text, const std::string& name) {
  Recording recording(name);
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const bool is_json = begin < text.size() && (text[begin] == '[' || text[begin] == '{');
  base::Status read = is_json ? recording.read_json(text) : recording.read_lines(text);
  if (!read) return std::move(read).error();
  return recording.plan();
}

}  // namespace phork::bench
