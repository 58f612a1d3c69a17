// SPDX-License-Identifier: MIT
//
// The init of an environment's process, while it is under way and until its first event has ended.
// Told by the keeper thread, which starts processes, and by those of the Runtime API; any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "emulator/environments/init_failure.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/observe/log_lines.h"

namespace phork::emulator {

class InitRecord {
 public:
  // `config` outlives it.
  explicit InitRecord(const FunctionConfig& config) : config_(config) {}

  // A process starts; what was known of the last one is forgotten.
  void begin(InitPhase phase);
  // The process has asked for an event. How long that took.
  Microseconds complete();
  // It has posted an error.
  void fail(const std::string& body);

  struct View {
    InitPhase phase = InitPhase::kInit;
    Clock::time_point started;
    Clock::time_point deadline;
    bool complete = false;
    std::optional<InitFailure> posted;  // as it was posted
  };

  View view() const;
  // Once: what belongs into the REPORT of the first event.
  std::optional<Microseconds> take_duration();

 private:
  const FunctionConfig& config_;
  mutable std::mutex mutex_;  // guards what follows
  View view_;
  std::optional<Microseconds> duration_;
};

}  // namespace phork::emulator
