// SPDX-License-Identifier: MIT
#include "bench/cost/arrivals.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace phork::bench;

namespace {

ArrivalPlan plan_of(const std::string& spec) {
  phork::base::Result<ArrivalPlan> plan = parse_arrivals(spec);
  INFO((plan ? "" : plan.error().text));
  REQUIRE(plan.ok());
  return std::move(plan).value();
}

ArrivalPlan recording_of(const std::string& text) {
  phork::base::Result<ArrivalPlan> plan = parse_recording(text, "log");
  INFO((plan ? "" : plan.error().text));
  REQUIRE(plan.ok());
  return std::move(plan).value();
}

std::string problem(const std::string& spec) {
  const phork::base::Result<ArrivalPlan> plan = parse_arrivals(spec);
  return plan ? "" : plan.error().text;
}

std::string recording_problem(const std::string& text) {
  const phork::base::Result<ArrivalPlan> plan = parse_recording(text, "log");
  return plan ? "" : plan.error().text;
}

std::vector<std::int64_t> all(const ArrivalPlan& plan, std::uint64_t seed = 1) {
  ArrivalStream stream(plan, seed);
  std::vector<std::int64_t> arrivals;
  while (const std::optional<std::int64_t> at = stream.next()) arrivals.push_back(*at);
  return arrivals;
}

// The number of arrivals in [from, to).
std::int64_t count_between(const std::vector<std::int64_t>& arrivals, std::int64_t from,
                           std::int64_t to) {
  return std::ranges::count_if(arrivals, [=](std::int64_t at) { return at >= from && at < to; });
}

using Counts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a rate is per second unless it has another unit") {
  const auto rate = [](const std::string& spec) {
    return std::get<PoissonArrivals>(plan_of(spec).shape).per_second;
  };
  CHECK(rate("poisson:5") == doctest::Approx(5));
  CHECK(rate("poisson:5/s") == doctest::Approx(5));
  CHECK(rate("poisson:300/min") == doctest::Approx(5));
  CHECK(rate("poisson:0.5/h") == doctest::Approx(0.5 / 3600));
  CHECK(rate("poisson:86400/day") == doctest::Approx(1));
}

TEST_CASE("Poisson arrivals have the given rate and exponential gaps") {
  const std::vector<std::int64_t> arrivals = all(plan_of("poisson:2/s"));
  // 172,800 a day, give or take a standard deviation of 416.
  CHECK(std::abs(static_cast<double>(arrivals.size()) - 172'800) < 4 * 416);
  CHECK(std::ranges::is_sorted(arrivals));
  CHECK(arrivals.back() < kDayUs);
  // Of an exponential distribution, a share of 1/e is longer than the mean.
  std::int64_t longer = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    longer += arrivals[i] - arrivals[i - 1] > kSecondUs / 2 ? 1 : 0;
  }
  CHECK(static_cast<double>(longer) / static_cast<double>(arrivals.size()) ==
        doctest::Approx(std::exp(-1.0)).epsilon(0.02));
}

TEST_CASE("the same seed gives the same arrivals, another seed gives others") {
  const ArrivalPlan plan = plan_of("poisson:1/min");
  CHECK(all(plan, 7) == all(plan, 7));
  CHECK(all(plan, 7) != all(plan, 8));
}

TEST_CASE("the random numbers are the same on every machine") {
  // The standard fixes what mt19937_64 gives for its 10,000th number, not what distributions do.
  Random random(5489);
  double last = 0;
  for (int i = 0; i < 10'000; ++i) last = random.unit();
  CHECK(last == std::floor(9981545732273789042.0 / 2048) / 9007199254740992.0);
}

TEST_CASE("a diurnal day has its mean over the day and its peak at noon") {
  const std::vector<std::int64_t> arrivals = all(plan_of("diurnal:2/s"));
  CHECK(static_cast<double>(arrivals.size()) == doctest::Approx(172'800).epsilon(0.01));
  constexpr std::int64_t kHourUs = 60 * kMinuteUs;
  const auto noon =
      static_cast<double>(count_between(arrivals, 23 * kHourUs / 2, 25 * kHourUs / 2));
  const auto midnight = static_cast<double>(count_between(arrivals, 0, kHourUs / 2));
  CHECK(noon == doctest::Approx(2 * 1.9 * 3600).epsilon(0.05));
  CHECK(midnight == doctest::Approx(2 * 0.1 * 1800).epsilon(0.2));
}

TEST_CASE("a burst comes all at once, once a day or every period") {
  CHECK(all(plan_of("burst:3")) == Counts{0, 0, 0});
  const std::vector<std::int64_t> hourly = all(plan_of("burst:2@8h"));
  const std::int64_t third = kDayUs / 3;
  CHECK(hourly == Counts{0, 0, third, third, 2 * third, 2 * third});
  CHECK(all(plan_of("burst:10@10min")).size() == 10 * 24 * 6);
  CHECK(all(plan_of("burst:1@2day")).size() == 1);
}

TEST_CASE("a malformed plan is refused with the expected form") {
  const std::string rate = "': expected a rate such as 5/s, 300/min, 1000/h or 20000/day";
  for (const std::string spec :
       {"poisson:", "poisson:x", "poisson:0", "poisson:-1/s", "poisson:inf", "poisson:5/",
        "poisson:5s", "poisson:5/year", "diurnal:1//s"}) {
    CHECK(problem(spec) == "arrivals: read '" + spec + rate);
  }
  for (const std::string spec :
       {"burst:", "burst:0", "burst:-3", "burst:1.5", "burst:5@", "burst:5@x", "burst:5@10",
        "burst:5/s", "burst:5@0s", "burst:5@-1s"}) {
    CHECK(problem(spec) ==
          "arrivals: read '" + spec +
              "': expected how many at once, and how often: burst:100 or burst:100@10min");
  }
  for (const std::string spec : {"poisson:1e6/s", "burst:2000000000", "burst:1000000@1s"}) {
    CHECK(problem(spec) == "arrivals: read '" + spec + "': expected at most 1e9 arrivals a day");
  }
  CHECK(problem("poison:5") ==
        "arrivals: read 'poison:5': expected poisson:RATE, diurnal:RATE, burst:N, burst:N@PERIOD "
        "or a file; no file of that name can be read");
}

TEST_CASE("a folder is not a file of arrivals") {
  CHECK(problem("/").find("no file of that name can be read") != std::string::npos);
}

TEST_CASE("timestamps in seconds are sorted and count from the first") {
  const ArrivalPlan plan = recording_of("# a log\n1700000002.25\n\n1700000000\r\n1700000001\n");
  CHECK(plan.days == 1);
  CHECK(all(plan) == Counts{0, 1'000'000, 2'250'000});
}

TEST_CASE("timestamps may be ISO 8601, with any zone") {
  const ArrivalPlan plan = recording_of(
      "2026-11-20T09:30:00Z\n2026-11-20T10:30:01+01:00\n2026-11-20 04:30:02-0500\n"
      "2026-11-20T09:31\n2026-11-20T09:31:00.5Z\n");
  CHECK(all(plan) == Counts{0, 1'000'000, 2'000'000, 60'000'000, 60'500'000});
}

TEST_CASE("a recording covers whole days") {
  CHECK(recording_of("0\n86399.9\n").days == 1);
  CHECK(recording_of("0\n86400\n").days == 2);
  CHECK(recording_of("1439,1\n").days == 1);
  CHECK(recording_of("1440,1\n").days == 2);
}

TEST_CASE("counts per minute are spread over their minutes, each of them exactly") {
  const ArrivalPlan plan = recording_of("minute,count\n0,1000\n2,3\n2,4\n");
  CHECK(std::get<RecordedMinutes>(plan.shape).counts == Counts{1000, 0, 7});
  const std::vector<std::int64_t> arrivals = all(plan);
  CHECK(std::ranges::is_sorted(arrivals));
  CHECK(count_between(arrivals, 0, kMinuteUs) == 1000);
  CHECK(count_between(arrivals, 2 * kMinuteUs, 3 * kMinuteUs) == 7);
  CHECK(arrivals.size() == 1007);
  // Evenly: half of a thousand in the first half, give or take a standard deviation of 16.
  CHECK(std::abs(count_between(arrivals, 0, kMinuteUs / 2) - 500) < 4 * 16);
}

TEST_CASE("counts may be dated, quoted and in any order") {
  const ArrivalPlan plan = recording_of(
      "Timestamp,Invocations\n\"2026-11-20T09:32:00Z\",\"5.0\"\n2026-11-20T09:30:00Z, 1\n");
  CHECK(std::get<RecordedMinutes>(plan.shape).counts == Counts{1, 0, 5});
}

TEST_CASE("JSON is a list of counts or the output of CloudWatch") {
  CHECK(std::get<RecordedMinutes>(recording_of(" [3, 0, 2.0]\n").shape).counts == Counts{3, 0, 2});
  const ArrivalPlan plan = recording_of(R"({"Label": "Invocations", "Datapoints": [
    {"Timestamp": "2026-11-20T09:32:00+00:00", "Sum": 12.0, "Unit": "Count"},
    {"Timestamp": "2026-11-20T09:31:00+00:00", "Sum": 7.0, "Unit": "Count"}]})");
  CHECK(std::get<RecordedMinutes>(plan.shape).counts == Counts{7, 12});
}

TEST_CASE("a malformed line is refused with its number") {
  const std::string in = "arrivals: read 'log': ";
  CHECK(recording_problem("1\n2\nthree\n") ==
        in + "line 3: expected seconds or an ISO 8601 time, got 'three'");
  CHECK(recording_problem("1\n2,5\n") == in + "line 2: expected one time as before, got '2,5'");
  CHECK(recording_problem("1,5\n2\n") == in + "line 2: expected TIME,COUNT as before, got '2'");
  CHECK(recording_problem("1,5\n2,-5\n") ==
        in + "line 2: expected a whole number of arrivals after the comma, got '2,-5'");
  CHECK(recording_problem("1,5\n2,1.5\n") ==
        in + "line 2: expected a whole number of arrivals after the comma, got '2,1.5'");
  CHECK(recording_problem("1,5\nx,5\n") ==
        in + "line 2: expected the number of a minute or an ISO 8601 time before the comma, "
             "got 'x,5'");
  CHECK(recording_problem("") == in + "expected at least one arrival");
  CHECK(recording_problem("time\n") == in + "expected at least one arrival");
  CHECK(recording_problem("1700000000\n1700000000000\n") ==
        in + "expected times in seconds within a year");
  CHECK(recording_problem("900000,1\n") == in + "expected minutes within a year");
  CHECK(recording_problem("[1, 2") == in + "expected valid JSON");
  CHECK(recording_problem("[1, -2]") == in + "entry 1: expected a count");
  CHECK(recording_problem("{}") == in + "expected a list of counts, or an object with Datapoints");
  CHECK(recording_problem(R"({"Datapoints": [{"Timestamp": "x", "Sum": 1}]})") ==
        in + "entry 0 of Datapoints: expected an ISO 8601 Timestamp and a count as Sum");
}

TEST_CASE("a date that does not exist is refused") {
  for (const std::string time :
       {"2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T10:60:00Z", "2026-01-01T10:00:61Z", "2026-01-01T10:00:00+1", "2026-01-01",
        "2026-01-01T10", "2026-01-01T10:00:00X", "2026/01/01T10:00:00Z"}) {
    CAPTURE(time);
    CHECK_FALSE(recording_problem("0\n" + time + "\n").empty());
  }
}

TEST_CASE("a file is read by its name") {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("phork-arrivals-" + std::to_string(::getpid()));
  std::ofstream(file) << "5\n6\n";
  const ArrivalPlan plan = plan_of(file.string());
  std::filesystem::remove(file);
  CHECK(plan.spec == file.string());
  CHECK(all(plan) == Counts{0, 1'000'000});
}
