// SPDX-License-Identifier: MIT
//
// What one environment tells: Lambda's lines around those of its runtime, the measurements, and
// its state for those who watch. Owned by the environment. Any thread: the keeper tells of the
// process, the threads that carry events tell of these.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "emulator/environments/function_context.h"
#include "emulator/environments/runtime_output.h"
#include "emulator/event/event.h"
#include "emulator/observe/activity.h"
#include "emulator/observe/log_lines.h"

namespace phork::emulator {

class EnvironmentJournal {
 public:
  EnvironmentJournal(const FunctionContext& context, std::size_t id);

  RuntimeOutput& output() { return output_; }

  // A process is about to start.
  void init_started(InitPhase phase);
  void process_started(pid_t pid);
  // It took `duration` from its start until it asked for an event.
  void init_done(Microseconds duration);
  void init_failed(InitPhase phase, Microseconds duration, std::string_view error_type);
  // The state between events: idle or frozen; and where the process is on its way out or gone.
  void set_state(EnvironmentState state);
  void add_memory(std::uint64_t pss_kb);
  // What is known better than by samples.
  void set_peak_memory(std::uint64_t peak_kb);

  void handed_out(const std::string& request_id);
  // `init` only where it belongs to this event.
  void finished(const EventRecord& record, std::optional<Microseconds> init);
  // All of an event that waited for an init that failed.
  void not_served(const EventRecord& record);

 private:
  void change(EnvironmentState state);
  void tell_end(const EventRecord& record, std::optional<Microseconds> init);
  std::uint64_t memory_kb() const;

  const FunctionContext context_;
  RuntimeOutput output_;

  mutable std::mutex mutex_;  // guards what follows
  EnvironmentView view_;
};

}  // namespace phork::emulator
