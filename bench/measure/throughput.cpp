// SPDX-License-Identifier: MIT
#include "bench/measure/throughput.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace phork::bench {
namespace {

using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

// What one thread did.
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

}  // namespace

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

}  // namespace phork::bench
