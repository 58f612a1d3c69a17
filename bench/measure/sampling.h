// SPDX-License-Identifier: MIT
//
// Measuring in rounds. Subjects take turns (A D E A D E ...), and each round is a fresh process, so
// that a machine that becomes slower or faster does so for all subjects. A round sends events back
// to back, then spaced, so that work of the runtime after an answer delays no event; at the end, on
// request, several subjects are driven in parallel for the throughput.
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
  unsigned rounds = 10;   // each has one cold start
  unsigned warm_up = 50;  // events of each round that are not counted
  unsigned events = 500;  // back to back
  unsigned spaced = 100;
  std::chrono::milliseconds pause{3};  // between an answer and the next spaced event
  unsigned concurrency = 0;            // subjects in parallel; 0: no throughput is measured
  std::chrono::milliseconds throughput_time{1000};
  // A part of a round ends after this time, with fewer events; 0: no limit.
  std::chrono::milliseconds part_limit{0};
};

enum class Pace { kBackToBack, kSpaced };

// Figures of each event.
enum class Measure { kLatency, kBilled, kQueued, kFaults, kReady };

// Figures of each round.
enum class Figure {
  kColdStart,   // us
  kFirstEvent,  // us, latency of the event after it; the caller of a cold start waits for both
  kCpu,         // us of the process tree per event back to back
  kTreeFaults,  // minor faults of the process tree per event back to back
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
  std::vector<StartPart> start_parts{};  // of the cold start, and under exec of the first event
  std::int64_t first_event_us = 0;
  Answer answer{};     // of the first event
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
  Answer answer{};  // of the last round
  SubjectKind kind = SubjectKind::kRuntime;

  // Leaves out events for which the subject did not report the measure.
  Rounds samples(Pace pace, Measure measure) const;
  Samples cold_starts_us() const;
  // Leaves out rounds without the figure.
  std::vector<double> figures(Figure figure) const;
};

// The parameters of a run.
struct Run {
  Effort effort;
  const std::atomic<bool>& stopping;
  std::function<void(const std::string&)> say;  // reports progress, one line per call

  // kStopped once `stopping` is set.
  base::Status go_on() const;
};

// Serves `count` events one after another, or fewer if they exceed effort.part_limit, but at least
// one.
base::Status serve(Subject& subject, unsigned count, const Run& run,
                   std::chrono::milliseconds pause = {});

// One series for each launch, in their order. The first failure ends the run.
base::Result<std::vector<Series>> interleave(const std::vector<Launch>& launches, const Run& run);

// Serves a few events with each launch, so that applications write their cache files, and waits
// until opcache accepts those (opcache.file_update_protection). Returns the last answer of each.
base::Result<std::vector<Answer>> prime(const std::vector<Launch>& launches, const Run& run);
base::Result<Answer> prime(const Launch& launch, const Run& run);

}  // namespace phork::bench
