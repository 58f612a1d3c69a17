// SPDX-License-Identifier: MIT
//
// The init of a runtime process: when it began, its deadline and how it ended.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/observe/log_lines.h"

namespace phork::emulator {

// A failed init, for the log and as the answer to an event that waited for it.
struct InitFailure {
  std::string error_type;
  std::string message;
  std::string body{};  // as posted by the runtime; empty when the platform noticed the failure

  static InitFailure posted(const std::string& body);
};

// errorType and errorMessage of an error body; empty when absent.
struct ErrorFields {
  std::string type;
  std::string message;
};

ErrorFields read_error_json(std::string_view body);

// Kept until the process's first event has ended. Written by the monitor thread, which starts the
// process, and by the threads of the Runtime API; any thread.
class InitRecord {
 public:
  // Borrows `config`.
  explicit InitRecord(const FunctionConfig& config) : config_(config) {}

  // A process starts. Forgets the previous one.
  void begin(InitPhase phase);
  // The process awaits the restore of a snapshot. Returns the time since begin().
  Microseconds pause();
  // It is restored: has to ask for an event in ten seconds, as on Lambda.
  void restore();
  // The process has asked for an event. Returns the time since begin(), or since restore().
  Microseconds complete();
  // The process has posted `body` to init/error.
  void fail(const std::string& body);

  struct View {
    InitPhase phase = InitPhase::kInit;
    Clock::time_point started;
    Clock::time_point deadline;
    bool paused = false;
    bool complete = false;
    std::optional<InitFailure> posted;  // by the runtime

    // Of an init that has taken all of its time.
    InitFailure timed_out(const FunctionConfig& config) const;
  };

  View view() const;
  // For the REPORT of the first event; nothing after the first call.
  StartTimes take_times();

 private:
  const FunctionConfig& config_;
  mutable std::mutex mutex_;  // guards what follows
  View view_;
  StartTimes times_;
};

}  // namespace phork::emulator
