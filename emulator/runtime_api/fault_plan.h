// SPDX-License-Identifier: MIT
//
// Which faults are due when: counts what happens at each point, over all environments, and says in
// the log which fault it injects. Owned by the local Lambda, used by the Runtime API servers of its
// environments. Any thread. Without faults nothing is counted and no lock is taken.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "emulator/event/fault.h"
#include "emulator/observe/log_sink.h"

namespace phork::emulator {

class FaultPlan {
 public:
  // `log` outlives the plan.
  FaultPlan(std::vector<Fault> faults, LogSink& log);

  bool has(FaultPoint point) const;
  bool has(FaultPoint point, FaultAction action) const;

  // Counts one occurrence. What is to happen at it, in the order in which it was asked for.
  std::vector<Fault> take(FaultPoint point);

 private:
  bool is_due(std::size_t index, std::uint64_t occurrence);

  const std::vector<Fault> faults_;
  LogSink& log_;
  std::mutex mutex_;  // guards what follows
  std::array<std::uint64_t, kFaultPoints> occurrences_{};
  std::vector<std::mt19937> dice_;  // one of each fault, always the same
};

}  // namespace phork::emulator
