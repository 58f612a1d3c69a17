// SPDX-License-Identifier: MIT
#include "bench/measure/sampling.h"

#include <algorithm>
#include <array>
#include <memory>
#include <thread>
#include <utility>

namespace phork::bench {
namespace {

using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

constexpr unsigned kPrimingEvents = 3;
// A margin over the two seconds of opcache.file_update_protection.
constexpr std::chrono::milliseconds kOpcacheAge{2500};

std::optional<std::int64_t> value_of(const EventSample& sample, Measure measure) {
  switch (measure) {
    case Measure::kLatency:
      return sample.latency_us;
    case Measure::kBilled:
      return sample.billed_us;
    case Measure::kQueued:
      return sample.queued_us;
    case Measure::kFaults:
      return sample.minor_faults;
    case Measure::kReady:
      return sample.ready_us;
  }
  return std::nullopt;
}

// Events back to back, and the cost of the process tree over all of them.
Status measure_back_to_back(Subject& subject, const Run& run, Round& round) {
  const TreeCost before = subject.cost();
  if (Status served = serve(subject, run.effort.events, run); !served) return served;
  Result<std::vector<EventSample>> samples = subject.take_samples();
  if (!samples) return samples.error();
  const TreeCost used = subject.cost() - before;
  round.back_to_back = std::move(samples).value();
  const auto count = static_cast<double>(std::max<std::size_t>(1, round.back_to_back.size()));
  round.cpu_us_per_event = static_cast<double>(used.cpu_us) / count;
  round.faults_per_event = static_cast<double>(used.minor_faults) / count;
  return base::ok_status();
}

// The first event of a process: a caller of a cold start waits for both.
Status measure_first(Subject& subject, Round& round) {
  Result<Answer> first = subject.invoke();
  if (!first) return first.error();
  const auto samples = subject.take_samples();
  if (!samples) return samples.error();
  round.cold_start_us = subject.cold_start_us();
  round.start_parts = subject.start_parts();
  round.first_event_us = samples->front().latency_us;
  round.answer = std::move(first).value();
  return base::ok_status();
}

Status measure_subject(Subject& subject, const Run& run, Round& round) {
  const Effort& effort = run.effort;
  if (Status started = subject.start(); !started) return started;
  if (Status first = measure_first(subject, round); !first) return first;
  if (Status warm = serve(subject, effort.warm_up, run); !warm) return warm;
  if (auto dropped = subject.take_samples(); !dropped) return dropped.error();
  if (Status measured = measure_back_to_back(subject, run, round); !measured) return measured;
  if (Status served = serve(subject, effort.spaced, run, effort.pause); !served) return served;
  auto spaced = subject.take_samples();
  if (!spaced) return spaced.error();
  round.spaced = std::move(spaced).value();
  round.usage = subject.usage();
  return base::ok_status();
}

// The part of one thread in measure_throughput().
struct Share {
  std::uint64_t events = 0;
  Clock::time_point ended;
  std::optional<base::Error> failure;
};

void drive(Subject& subject, const Run& run, Clock::time_point until, Share& share) {
  while (Clock::now() < until) {
    Status wanted = run.go_on();
    if (!wanted) {
      share.failure = wanted.error();
      return;
    }
    if (auto answer = subject.invoke(); !answer) {
      share.failure = std::move(answer).error();
      return;
    }
    ++share.events;
  }
  share.ended = Clock::now();
}

// Events per second of effort.concurrency subjects in parallel, each driven by a thread of its own
// that sends the next event when the last one is answered. Returns the first failure of any thread.
Result<double> measure_throughput(const Launch& launch, const Run& run) {
  const std::vector<std::unique_ptr<Subject>> fleet = make_fleet(launch, run.effort.concurrency);
  for (const auto& subject : fleet) {
    if (Status started = subject->start(); !started) return started.error();
    if (Status warm = serve(*subject, run.effort.warm_up, run); !warm) return warm.error();
  }
  std::vector<Share> shares(fleet.size());
  const Clock::time_point started = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < fleet.size(); ++i) {
      threads.emplace_back(
          [&run, &subject = *fleet[i], &share = shares[i],
           until = started + run.effort.throughput_time] { drive(subject, run, until, share); });
    }
  }
  std::uint64_t events = 0;
  Clock::time_point ended = started;
  for (Share& share : shares) {
    if (share.failure) return std::move(*share.failure);
    events += share.events;
    ended = std::max(ended, share.ended);
  }
  return static_cast<double>(events) / std::chrono::duration<double>(ended - started).count();
}

Status run_round(const Launch& launch, const Run& run, Series& series) {
  Round round;
  {
    const std::unique_ptr<Subject> subject = make_subject(launch);
    Status measured = measure_subject(*subject, run, round);
    if (!measured) return measured;
  }
  if (run.effort.concurrency > 0) {
    const Result<double> throughput = measure_throughput(launch, run);
    if (!throughput) return throughput.error();
    round.events_per_second = throughput.value();
  }
  series.answer = round.answer;
  series.rounds.push_back(std::move(round));
  return base::ok_status();
}

// Empty where the round does not have it.
std::optional<double> value_of(const Round& round, Figure figure) {
  switch (figure) {
    case Figure::kColdStart:
      return static_cast<double>(round.cold_start_us);
    case Figure::kFirstEvent:
      return static_cast<double>(round.first_event_us);
    case Figure::kCpu:
      return round.cpu_us_per_event;
    case Figure::kTreeFaults:
      return round.faults_per_event;
    case Figure::kThroughput:
      return round.events_per_second;
    case Figure::kMemory:
      if (round.usage.processes.empty()) return std::nullopt;
      return static_cast<double>(round.usage.pss_kb());
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Pace pace) {
  return pace == Pace::kBackToBack ? "back to back" : "spaced";
}

std::string_view name_of(Measure measure) {
  constexpr std::array<std::string_view, 5> kNames{"latency_us", "billed_us", "queued_us",
                                                   "minor_faults", "ready_us"};
  static_assert(kNames.size() == static_cast<std::size_t>(Measure::kReady) + 1);
  return kNames[static_cast<std::size_t>(measure)];
}

std::string_view name_of(Figure figure) {
  constexpr std::array<std::string_view, 6> kNames{"cold_start_us", "first_event_us",    "cpu_us",
                                                   "tree_faults",   "events_per_second", "pss_kb"};
  static_assert(kNames.size() == static_cast<std::size_t>(Figure::kMemory) + 1);
  return kNames[static_cast<std::size_t>(figure)];
}

Rounds Series::samples(Pace pace, Measure measure) const {
  Rounds all;
  for (const Round& round : rounds) {
    Samples samples;
    for (const EventSample& event : pace == Pace::kBackToBack ? round.back_to_back : round.spaced) {
      if (const auto value = value_of(event, measure)) samples.push_back(*value);
    }
    all.push_back(std::move(samples));
  }
  return all;
}

Samples Series::cold_starts_us() const {
  Samples all;
  for (const Round& round : rounds) all.push_back(round.cold_start_us);
  return all;
}

std::vector<double> Series::figures(Figure figure) const {
  std::vector<double> all;
  for (const Round& round : rounds) {
    if (const auto value = value_of(round, figure)) all.push_back(*value);
  }
  return all;
}

Status Run::go_on() const {
  if (!stopping) return base::ok_status();
  return base::Error{base::ErrorKind::kStopped, "bench: measure: stopped"};
}

Status serve(Subject& subject, unsigned count, const Run& run, std::chrono::milliseconds pause) {
  const auto started = Clock::now();
  const std::chrono::milliseconds limit = run.effort.part_limit;
  for (unsigned i = 0; i < count; ++i) {
    if (Status wanted = run.go_on(); !wanted) return wanted;
    const bool late = limit.count() > 0 && Clock::now() - started > limit;
    if (late && i > 0) break;
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    if (auto answer = subject.invoke(); !answer) return answer.error();
  }
  return base::ok_status();
}

Result<std::vector<Series>> interleave(const std::vector<Launch>& launches, const Run& run) {
  std::vector<Series> all;
  all.reserve(launches.size());
  for (const Launch& launch : launches) {
    all.push_back({launch.label, launch.strategy, {}, {}, launch.kind});
  }
  for (unsigned i = 1; i <= run.effort.rounds; ++i) {
    const std::string round =
        "round " + std::to_string(i) + " of " + std::to_string(run.effort.rounds);
    for (std::size_t subject = 0; subject < launches.size(); ++subject) {
      run.say(round + ": " + launches[subject].label);
      if (Status done = run_round(launches[subject], run, all[subject]); !done) return done.error();
    }
  }
  return all;
}

Result<std::vector<Answer>> prime(const std::vector<Launch>& launches, const Run& run) {
  std::vector<Answer> answers;
  for (const Launch& launch : launches) {
    run.say("first events: " + launch.label);
    const std::unique_ptr<Subject> subject = make_subject(launch);
    if (Status started = subject->start(); !started) return started.error();
    if (Status served = serve(*subject, kPrimingEvents - 1, run); !served) return served.error();
    Result<Answer> last = subject->invoke();
    if (!last) return last.error();
    answers.push_back(std::move(last).value());
  }
  std::this_thread::sleep_for(kOpcacheAge);
  return answers;
}

Result<Answer> prime(const Launch& launch, const Run& run) {
  Result<std::vector<Answer>> answers = prime(std::vector{launch}, run);
  if (!answers) return answers.error();
  return std::move(answers->front());
}

}  // namespace phork::bench
