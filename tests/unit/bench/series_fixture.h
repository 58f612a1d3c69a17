// SPDX-License-Identifier: MIT
//
// Series with invented figures, for tests of the pure parts of the bench.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/measure/sampling.h"

namespace phork::testing {

// A series with one round for each latency: three events back to back with that latency and 1 us
// less and more, billed twice as long, and one spaced event that takes ten times as long.
inline bench::Series make_series(const std::string& label,
                                 const std::vector<std::int64_t>& latencies_us) {
  bench::Series series{label, label, {}};
  for (const std::int64_t latency : latencies_us) {
    bench::Round round;
    for (const std::int64_t around : {-1, 0, 1}) {
      round.back_to_back.push_back({latency + around, 2 * (latency + around), 7, 4 + around});
    }
    round.spaced.push_back({10 * latency, 20 * latency, 0, 5});
    round.cold_start_us = 80'000;
    round.usage.processes = {{.pid = 1, .pss_kb = 100}, {.pid = 2, .pss_kb = 50, .huge_kb = 2048}};
    series.rounds.push_back(std::move(round));
  }
  return series;
}

}  // namespace phork::testing
