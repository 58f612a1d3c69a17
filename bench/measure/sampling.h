// SPDX-License-Identifier: MIT
//
// How it is measured: rounds, each a fresh process, of several subjects by turns (A D E A D E ..),
// so that a machine that grows slower or faster meanwhile does so for all alike. Within a round
// events go out back to back, the next one with the answer of the last, and then spaced, so that
// what a runtime does after an answer delays nobody; at the end, where it is wanted, several at
// once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure/statistics.h"
#include "bench/subjects/subject.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct Effort {
  unsigned rounds = 10;   // as many cold starts
  unsigned warm_up = 50;  // events of each round that do not count
  unsigned events = 500;  // back to back
  unsigned spaced = 100;
  std::chrono::milliseconds pause{5};  // between an answer and the next spaced event
  unsigned concurrency = 0;            // events at once in the throughput part; 0: there is none
  std::chrono::milliseconds throughput_time{1000};
  // A part of a round ends after so long with the events it has; zero: when it has all.
  std::chrono::milliseconds part_limit{0};
};

enum class Pace { kBackToBack, kSpaced };

// Of each event.
enum class Measure { kLatency, kBilled, kQueued, kFaults, kReady };

// Of each round.
enum class Figure {
  kColdStart,   // us
  kFirstEvent,  // us, latency of the event after it; together what the caller of a cold start waits
  kCpu,         // us per event back to back, of the whole process tree
  kTreeFaults,  // minor faults per event back to back, likewise
  kThroughput,  // events per second
  kMemory,      // kB of PSS of the process tree after the last event
};

std::string_view name_of(Pace pace);
std::string_view name_of(Measure measure);
std::string_view name_of(Figure figure);

struct Round {
  std::vector<EventSample> back_to_back;
  std::vector<EventSample> spaced;
  std::int64_t cold_start_us = 0;
  std::int64_t first_event_us = 0;
  RuntimeUsage usage;  // after the last event
  double cpu_us_per_event = 0;
  double faults_per_event = 0;
  std::optional<double> events_per_second{};
};

// All rounds of one subject.
struct Series {
  std::string label;
  std::string strategy;
  std::vector<Round> rounds;
  Answer answer{};  // of the first event of the last round
  SubjectKind kind = SubjectKind::kRuntime;

  // What the subject did not report is left out.
  Rounds samples(Pace pace, Measure measure) const;
  Samples cold_starts_us() const;
  // One for each round that has it.
  std::vector<double> figures(Figure figure) const;
};

// What a run is told from outside.
struct Run {
  Effort effort;
  const std::atomic<bool>& stopping;
  std::function<void(const std::string&)> say;  // progress, one line at a time

  // kStopped once somebody asked for the end.
  base::Status go_on() const;
};

// Serves `count` events one after another, or fewer when the effort's limit ends the part, but one.
base::Status serve(Subject& subject, unsigned count, const Run& run,
                   std::chrono::milliseconds pause = {});

base::Result<std::vector<Series>> interleave(const std::vector<Launch>& launches, const Run& run);

// Has applications write what they keep on disk, and lets that grow older than the two seconds for
// which opcache takes no file (opcache.file_update_protection). The last answer of each.
base::Result<std::vector<Answer>> prime(const std::vector<Launch>& launches, const Run& run);
base::Result<Answer> prime(const Launch& launch, const Run& run);

}  // namespace phork::bench
