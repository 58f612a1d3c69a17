// SPDX-License-Identifier: MIT
#include "bench/sampling.h"

#include <thread>
#include <utility>

namespace phork::bench {
namespace {

using base::Result;
using base::Status;

constexpr unsigned kPrimingEvents = 3;
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

Result<Round> run_round(const Launch& launch, const Run& run) {
  Subject subject(launch);
  const Effort& effort = run.effort;
  if (Status started = subject.start(); !started) return started.error();
  if (Status warm = serve(subject, effort.warm_up, run); !warm) return warm.error();
  if (auto dropped = subject.take_samples(); !dropped) return dropped.error();

  Round round;
  round.cold_start_us = subject.cold_start_us();
  if (Status served = serve(subject, effort.events, run); !served) return served.error();
  auto back_to_back = subject.take_samples();
  if (!back_to_back) return back_to_back.error();
  round.back_to_back = std::move(back_to_back).value();

  if (Status served = serve(subject, effort.spaced, run, effort.pause); !served) {
    return served.error();
  }
  auto spaced = subject.take_samples();
  if (!spaced) return spaced.error();
  round.spaced = std::move(spaced).value();
  round.usage = subject.usage();
  return round;
}

}  // namespace

std::string_view name_of(Pace pace) {
  return pace == Pace::kBackToBack ? "back to back" : "spaced";
}

std::string_view name_of(Measure measure) {
  switch (measure) {
    case Measure::kLatency:
      return "latency_us";
    case Measure::kBilled:
      return "billed_us";
    case Measure::kQueued:
      return "queued_us";
    case Measure::kFaults:
      return "minor_faults";
    case Measure::kReady:
      return "ready_us";
  }
  return "";
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

Status Run::go_on() const {
  if (!stopping) return base::ok_status();
  return base::Error{base::ErrorKind::kStopped, "bench: measure: stopped"};
}

Status serve(Subject& subject, unsigned count, const Run& run, std::chrono::milliseconds pause) {
  for (unsigned i = 0; i < count; ++i) {
    if (Status wanted = run.go_on(); !wanted) return wanted;
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    if (auto answer = subject.invoke(); !answer) return answer.error();
  }
  return base::ok_status();
}

Result<std::vector<Series>> interleave(const std::vector<Launch>& launches, const Run& run) {
  std::vector<Series> all;
  all.reserve(launches.size());
  for (const Launch& launch : launches) all.push_back({launch.label, launch.strategy, {}});
  for (unsigned i = 1; i <= run.effort.rounds; ++i) {
    run.say("round " + std::to_string(i) + " of " + std::to_string(run.effort.rounds));
    for (std::size_t subject = 0; subject < launches.size(); ++subject) {
      Result<Round> round = run_round(launches[subject], run);
      if (!round) return round.error();
      all[subject].rounds.push_back(std::move(round).value());
    }
  }
  return all;
}

Result<std::string> prime(const Launch& launch, const Run& run) {
  Subject subject(launch);
  if (Status started = subject.start(); !started) return started.error();
  if (Status served = serve(subject, kPrimingEvents - 1, run); !served) return served.error();
  Result<std::string> last = subject.invoke();
  if (last) std::this_thread::sleep_for(kOpcacheAge);
  return last;
}

}  // namespace phork::bench
