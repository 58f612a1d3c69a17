// SPDX-License-Identifier: MIT
//
// Records what happens in an environment: its runtime's output and Lambda's own lines in the log,
// the measurements in the statistics, the state for the status page, and all but that for the
// extensions that have subscribed.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/extensions/telemetry.h"
#include "emulator/observe/activity.h"
#include "emulator/observe/event_log.h"
#include "emulator/observe/log_lines.h"
#include "emulator/observe/log_sink.h"
#include "emulator/observe/statistics.h"
#include "emulator/runtime_api/fault_injector.h"
#include "emulator/sandbox/sandbox.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/line_reader.h"

namespace phork::emulator {

// Shared by the environments of one function, and outlives them. Every part is safe to use from any
// thread.
struct FunctionContext {
  const FunctionConfig& config;
  Dispatcher& dispatcher;
  LogSink& log;      // messages of the emulator's own
  EventLog& events;  // everything about events
  const LogLines& lines;
  Statistics& statistics;
  Activity& activity;
  Sandboxes& sandboxes;
  FaultPlan* faults = nullptr;  // null without faults
};

// Copies a runtime's stdout and stderr to the log, line by line; metrics lines (PHORK_METRICS=json)
// go to the statistics instead. Lines between begin_event() and end_event() belong to that event.
// Any thread may drain: the monitor when the pipes are readable, and the Runtime API when an event
// ends, so that the lines that the runtime wrote before its next `next` precede the event's END.
class RuntimeOutput {
 public:
  RuntimeOutput(const FunctionContext& context, std::size_t environment, Telemetry& telemetry)
      : context_(context), environment_(environment), telemetry_(telemetry) {}

  // Opens pipes for the next process. Returns their write ends, stdout first.
  base::Result<base::FdPair> open();
  // The read ends to poll; -1 for a pipe that has ended.
  std::array<int, 2> descriptors() const;
  // Reads and logs everything in the pipes.
  void drain();
  // Each drains the pipes, then logs `line`, one of the platform's own.
  void add(std::string_view line);
  void begin_event(const std::string& request_id, std::string_view line);
  void end_event(std::string_view line);

 private:
  void drain_locked();
  void take(std::string_view line);
  void write_platform(std::string_view line);
  static bool strip(std::string& line);

  const FunctionContext context_;
  const std::size_t environment_;
  Telemetry& telemetry_;
  mutable std::mutex mutex_;  // guards what follows, and the order of lines
  std::array<process::LineReader, 2> readers_;
  std::string request_id_;  // empty between events
};

// Owned by the environment. Any thread: the monitor reports on the process, the threads of the
// Runtime API on events.
class EnvironmentJournal {
 public:
  // Borrows `telemetry`.
  EnvironmentJournal(const FunctionContext& context, std::size_t id, Telemetry& telemetry);

  RuntimeOutput& output() { return output_; }

  // A process is about to start.
  void init_started(InitPhase phase);
  void process_started(pid_t pid);
  // The process has asked for its first event, `duration` after its start or restore.
  void init_done(InitPhase phase, Microseconds duration);
  // It awaits the restore of a snapshot, `duration` after its start, and is about to be stopped.
  void snapshot_made(InitPhase phase, Microseconds duration);
  // `phase` is kRestore, or kInvoke for an init that is repeated inside an event.
  void restore_started(InitPhase phase);
  void init_failed(InitPhase phase, Microseconds duration, std::string_view error_type);
  // A state between events (idle, frozen), or of a process that ends or has ended.
  void set_state(EnvironmentState state);
  void add_memory(std::uint64_t pss_kb);
  // The peak that the kernel measured, in place of samples.
  void set_peak_memory(std::uint64_t peak_kb);

  void handed_out(const std::string& request_id);
  // `start` only if that belongs to this event.
  void finished(const EventRecord& record, const StartTimes& start);
  // An event that waited for an init that failed: writes all of its lines.
  void not_served(const EventRecord& record);

 private:
  void change(EnvironmentState state);
  template <typename Make>
  void tell(const Make& make);
  void tell_end(const EventRecord& record, const StartTimes& start);
  std::uint64_t memory_kb() const;

  const FunctionContext context_;
  Telemetry& telemetry_;
  RuntimeOutput output_;

  mutable std::mutex mutex_;  // guards what follows
  EnvironmentView view_;
  unsigned running_ = 0;  // events under way
};

}  // namespace phork::emulator
