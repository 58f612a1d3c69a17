// SPDX-License-Identifier: MIT
//
// Recommends a strategy for one function and gives the reasons in text. The rules, in this order:
//   1. A blank slate for every event. A strategy that shares a process among events is considered
//      only if the audit found no leak, and chosen only if it is much faster or much cheaper.
//   2. A strategy that costs more than it gains in speed is set aside: twice the price requires
//      twice the speed.
//   3. Latency p50, latency p99, whether all state is reset, price, cold start, memory: the first
//      criterion that distinguishes the remaining strategies decides.
// A difference that the confidence intervals do not confirm is a tie and is called so. Candidates
// that are not eligible, such as other runtimes, are compared but never recommended. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/measure/statistics.h"

namespace phork::bench {

// The result of `phork audit` for the strategy that shares a process.
struct SharingAudit {
  enum class Outcome { kNotDone, kClean, kLeaks };
  Outcome outcome = Outcome::kNotDone;
  std::size_t events = 0;            // sent to the application
  std::vector<std::string> leaks{};  // names of the state that leaked
  std::string reason{};              // why it was not done
};

struct Candidate {
  std::string label;
  bool eligible = true;  // may be recommended
  bool isolates = true;
  bool resets_all = true;  // of strategies that isolate, only php-fpm does not
  Rounds latency_us{};     // back to back
  Rounds billed_us{};
  Samples cold_starts_us{};
  double memory_kb = 0;
  double usd_per_million = 0;  // 0: unknown
};

struct Recommendation {
  std::string choice{};    // a label; empty when no candidate can be recommended
  std::string headline{};  // one sentence
  std::vector<std::string> reasons{};
  std::vector<std::string> cautions{};
};

Recommendation recommend(const std::vector<Candidate>& candidates, const SharingAudit& audit);

}  // namespace phork::bench
