// SPDX-License-Identifier: MIT
#include "bench/report/recommendation.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using phork::bench::Candidate;
using phork::bench::recommend;
using phork::bench::Recommendation;
using phork::bench::Rounds;
using phork::bench::SharingAudit;

namespace {

constexpr std::size_t kRounds = 6;

// Rounds that are alike: `spread` percent around `middle`, in a fixed order.
Rounds around(std::int64_t middle, std::int64_t spread = 2) {
  Rounds rounds;
  for (std::size_t round = 0; round < kRounds; ++round) {
    phork::bench::Samples samples;
    for (std::int64_t i = -10; i <= 10; ++i) samples.push_back(middle + middle * spread * i / 1000);
    rounds.push_back(std::move(samples));
  }
  return rounds;
}

// Rounds that differ widely; another `first` puts them in another order.
Rounds scattered(std::int64_t middle, std::size_t first) {
  constexpr std::array<std::int64_t, kRounds> kTenths{3, 25, 4, 30, 10, 12};
  Rounds rounds;
  for (std::size_t round = 0; round < kRounds; ++round) {
    rounds.push_back(around(middle * kTenths[(first + round) % kRounds] / 10).front());
  }
  return rounds;
}

Candidate candidate(const std::string& label, std::int64_t latency_us, std::int64_t billed_us) {
  return {.label = label,
          .latency_us = around(latency_us),
          .billed_us = around(billed_us),
          .cold_starts_us = phork::bench::Samples(kRounds, 100'000),
          .memory_kb = 30'000,
          .usd_per_million = 0.2 + static_cast<double>(billed_us) / 1e6 * 16.6667};
}

Candidate sharing(std::int64_t latency_us, std::int64_t billed_us) {
  Candidate made = candidate("inprocess", latency_us, billed_us);
  made.isolates = false;
  return made;
}

const SharingAudit kClean{.outcome = SharingAudit::Outcome::kClean, .events = 9};
const SharingAudit kLeaks{.outcome = SharingAudit::Outcome::kLeaks,
                          .events = 9,
                          .leaks = {"globals.$visits", "process.umask"}};

std::string all_of(const Recommendation& recommendation) {
  std::string text = recommendation.headline + '\n';
  for (const std::string& reason : recommendation.reasons) text += reason + '\n';
  for (const std::string& caution : recommendation.cautions) text += caution + '\n';
  return text;
}

bool says(const Recommendation& recommendation, const std::string& words) {
  return all_of(recommendation).find(words) != std::string::npos;
}

}  // namespace

TEST_SUITE("recommendation") {
  TEST_CASE(
      "the fastest strategy that isolates is recommended, with its lead and the interval of that") {
    const Recommendation found =
        recommend({candidate("fork", 400, 1700), candidate("fpm", 720, 950)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found,
                       "fork answers 1.8 times as fast as fpm (95 %: 1.8 to 1.8): 0.400 ms "
                       "against 0.720 ms for the median event."),
                  all_of(found));
    CHECK_MESSAGE(says(found, "Its price: 1.70 ms billed for an event, 1.8 times as long as fpm"),
                  all_of(found));
  }

  TEST_CASE(
      "a difference that the intervals do not confirm is a tie, and the next criterion decides") {
    Candidate fork = candidate("fork", 400, 2000);
    Candidate fpm = candidate("fpm", 500, 2000);
    fork.latency_us = scattered(400, 0);
    fpm.latency_us = scattered(480, 1);
    fpm.cold_starts_us = phork::bench::Samples(kRounds, 50'000);
    const Recommendation found = recommend({fork, fpm}, kClean);
    CHECK(found.choice == "fpm");
    CHECK_MESSAGE(says(found, "fork and fpm tie in latency p50."), all_of(found));
    CHECK_MESSAGE(says(found, "best in cold start"), all_of(found));
  }

  TEST_CASE("a difference of less than a tenth is a tie, however certain") {
    const Recommendation found =
        recommend({candidate("fork", 2085, 2500), candidate("fpm", 2000, 2500)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "it is the default"), all_of(found));
  }

  TEST_CASE("a shared process is not recommended when the audit found a leak") {
    const Recommendation found =
        recommend({sharing(2000, 2100), candidate("fork", 9000, 9900)}, kLeaks);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "inprocess would answer 4.5 times as fast"), all_of(found));
    CHECK_MESSAGE(says(found, "globals.$visits and process.umask"), all_of(found));
  }

  TEST_CASE("a shared process is not recommended without an audit, and the reason is given") {
    const SharingAudit unknown{.reason = "--no-audit was given"};
    const Recommendation found =
        recommend({sharing(2000, 2100), candidate("fork", 9000, 9900)}, unknown);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "is not known: --no-audit was given"), all_of(found));
  }

  TEST_CASE("a shared process is recommended when the audit is clean and it saves milliseconds") {
    const Recommendation found =
        recommend({sharing(2000, 2100), candidate("fork", 9000, 9900)}, kClean);
    CHECK(found.choice == "inprocess");
    CHECK_MESSAGE(says(found, "much faster"), all_of(found));
    CHECK_MESSAGE(says(found, "run `phork audit` with all"), all_of(found));
  }

  TEST_CASE("a shared process is not recommended for a fraction of a millisecond") {
    const Recommendation found =
        recommend({sharing(230, 330), candidate("fork", 410, 1700)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "the time it saves, 0.180 ms an event, is not worth"), all_of(found));
  }

  TEST_CASE("a shared process is recommended when it is much cheaper") {
    const Recommendation found =
        recommend({sharing(5000, 5000), candidate("fork", 5100, 60'000)}, kClean);
    CHECK(found.choice == "inprocess");
    CHECK_MESSAGE(says(found, "much cheaper"), all_of(found));
  }

  TEST_CASE("a strategy that costs more than its speed is worth is set aside") {
    const Recommendation found =
        recommend({candidate("prespawn", 300, 70'000), candidate("fork", 400, 1700)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "prespawn is set aside: a million events cost 6.0 times as much"),
                  all_of(found));
    CHECK_MESSAGE(says(found, "it is only 1.3 times as fast"), all_of(found));
  }

  TEST_CASE("other runtimes are compared and never recommended") {
    Candidate other = candidate("other", 100, 200);
    other.eligible = false;
    Candidate slow = candidate("slow", 4000, 4100);
    slow.eligible = false;
    const Recommendation found = recommend({other, slow, candidate("fork", 400, 1700)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "other answers 4.0 times as fast as fork"), all_of(found));
    CHECK_MESSAGE(says(found, "fork answers 10 times as fast as slow"), all_of(found));
  }

  TEST_CASE("without a strategy that isolates there is no recommendation") {
    const Recommendation found = recommend({sharing(200, 300)}, kClean);
    CHECK(found.choice.empty());
    CHECK_MESSAGE(says(found, "No recommendation"), all_of(found));
    CHECK(recommend({}, kClean).choice.empty());
  }

  TEST_CASE("a recommendation of fpm names state that php-fpm does not reset") {
    Candidate fpm = candidate("fpm", 400, 500);
    fpm.resets_all = false;
    CHECK(says(recommend({fpm, candidate("fork", 900, 1700)}, kClean), "umask, locale"));
    CHECK_FALSE(says(recommend({fpm, candidate("fork", 100, 500)}, kClean), "umask, locale"));
  }

  TEST_CASE("where latency is a tie, a blank slate goes before the price") {
    Candidate fpm = candidate("fpm", 400, 500);
    fpm.resets_all = false;
    const Recommendation found = recommend({fpm, candidate("fork", 400, 1700)}, kClean);
    CHECK(found.choice == "fork");
    CHECK_MESSAGE(says(found, "fork leaves no state to the next event"), all_of(found));
    CHECK_MESSAGE(says(found, "1.70 ms billed for an event, 3.4 times as long as fpm"),
                  all_of(found));
  }

  TEST_CASE("few rounds cause a caution") {
    Candidate fork = candidate("fork", 400, 1700);
    fork.latency_us.resize(2);
    fork.billed_us.resize(2);
    CHECK(says(recommend({fork}, kClean), "Only 2 rounds"));
    CHECK_FALSE(says(recommend({candidate("fork", 400, 1700)}, kClean), "Only"));
  }
}
