// SPDX-License-Identifier: MIT
//
// How it is measured: rounds, each a fresh process, of several subjects by turns (A D E A D E ..),
// so that a machine that grows slower or faster meanwhile does so for all alike. Within a round
// events go out back to back, the next one with the answer of the last, and then spaced, so that
// what a runtime does after an answer delays nobody.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/statistics.h"
#include "bench/subject.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct Effort {
  unsigned rounds = 6;
  unsigned warm_up = 50;  // events of each round that do not count
  unsigned events = 500;  // back to back
  unsigned spaced = 100;
  std::chrono::milliseconds pause{5};  // between an answer and the next spaced event
};

enum class Pace { kBackToBack, kSpaced };

enum class Measure { kLatency, kBilled, kQueued, kFaults, kReady };

std::string_view name_of(Pace pace);
std::string_view name_of(Measure measure);

struct Round {
  std::vector<EventSample> back_to_back;
  std::vector<EventSample> spaced;
  std::int64_t cold_start_us = 0;
  RuntimeUsage usage;  // after the last event
};

// All rounds of one subject.
struct Series {
  std::string label;
  std::string strategy;
  std::vector<Round> rounds;

  // What the runtime did not report is left out.
  Rounds samples(Pace pace, Measure measure) const;
  Samples cold_starts_us() const;
};

// What a run is told from outside.
struct Run {
  Effort effort;
  const std::atomic<bool>& stopping;
  std::function<void(const std::string&)> say;  // progress, one line at a time

  // kStopped once somebody asked for the end.
  base::Status go_on() const;
};

// Serves `count` events one after another.
base::Status serve(Subject& subject, unsigned count, const Run& run,
                   std::chrono::milliseconds pause = {});

base::Result<std::vector<Series>> interleave(const std::vector<Launch>& launches, const Run& run);

// Has an application write what it keeps on disk, and lets that grow older than the two seconds for
// which opcache takes no file (opcache.file_update_protection). The body of its last answer.
base::Result<std::string> prime(const Launch& launch, const Run& run);

}  // namespace phork::bench
