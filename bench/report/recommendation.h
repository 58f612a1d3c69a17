// SPDX-License-Identifier: MIT
//
// Which strategy to use for one function, and why, in words for people. Rules, in this order:
//   1. A blank slate for every event. One that shares a process is considered only when the audit
//      found nothing, and taken only when it is much faster or much cheaper.
//   2. What costs more than it gains in speed is set aside: twice the price wants twice the speed.
//   3. Latency p50, latency p99, whether all state is reset, price, cold start, memory: the first
//      that tells the rest apart.
// Differences that the confidence intervals do not bear out are ties, and are called so. What is
// experimental or not ours is compared with, and never recommended. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/measure/statistics.h"

namespace phork::bench {

// What `phork audit` found out about the strategy that shares a process.
struct SharingAudit {
  enum class Outcome { kNotDone, kClean, kLeaks };
  Outcome outcome = Outcome::kNotDone;
  std::size_t events = 0;            // that the application was given
  std::vector<std::string> leaks{};  // names of what it left behind
  std::string reason{};              // why it was not done
};

struct Candidate {
  std::string label;
  bool eligible = true;  // ours and stable
  bool isolates = true;
  bool resets_all = true;  // of what isolates: php-fpm does not
  Rounds latency_us{};     // back to back
  Rounds billed_us{};
  Samples cold_starts_us{};
  double memory_kb = 0;
  double usd_per_million = 0;  // 0: unknown
};

struct Recommendation {
  std::string choice{};    // a label; empty when there is nothing to choose from
  std::string headline{};  // one sentence
  std::vector<std::string> reasons{};
  std::vector<std::string> cautions{};
};

Recommendation recommend(const std::vector<Candidate>& candidates, const SharingAudit& audit);

}  // namespace phork::bench
