// SPDX-License-Identifier: MIT
//
// Looks now and then at what a process tree uses, and tells the journal and the statistics. A look
// costs about a millisecond of CPU and holds up page faults of the process it looks at, so it is
// taken once a second at most and only when events were served meanwhile: what is measured is the
// level that the tree keeps, not a spike within one event. For one environment's keeper thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "emulator/environments/journal.h"
#include "emulator/environments/runtime_process.h"
#include "emulator/event/event.h"
#include "emulator/observe/statistics.h"

namespace phork::emulator {

class UsageSampler {
 public:
  UsageSampler(EnvironmentJournal& journal, Statistics& statistics)
      : journal_(journal), statistics_(statistics) {}

  // Another process starts.
  void restart();

  // When to look next; never before the first sample().
  Clock::time_point due() const { return due_; }

  // `served`: events so far, of all processes.
  void sample(const RuntimeProcess& process, std::size_t served);

 private:
  EnvironmentJournal& journal_;
  Statistics& statistics_;
  Clock::time_point due_ = Clock::time_point::max();
  std::size_t served_ = 0;
  std::optional<std::uint64_t> minor_faults_;  // as of the last look
};

}  // namespace phork::emulator
