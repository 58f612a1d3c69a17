// SPDX-License-Identifier: MIT
//
// Lambda's own log lines around those of the runtime, in the user's log format, text or JSON.
// Immutable; any thread.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

enum class InitPhase : std::uint8_t {
  kInit,     // of a fresh environment, before any event
  kInvoke,   // repeated inside an event, after a failure
  kRestore,  // of an environment that continues a snapshot
};

// The time that an environment took until its first event, if that is this one.
struct StartTimes {
  std::optional<Microseconds> init{};
  std::optional<Microseconds> restore{};  // then the init was that of the snapshot

  std::optional<Microseconds> billed() const { return restore ? restore : init; }
};

struct ReportFacts {
  unsigned memory_size_mb = 0;
  std::uint64_t max_memory_used_kb = 0;
  StartTimes start{};

  // Rounded up, so that a runtime below one megabyte does not report 0.
  std::uint64_t max_memory_used_mb() const { return (max_memory_used_kb + 1023) / 1024; }
};

// An extension that has registered, or failed to.
struct ExtensionFacts {
  std::string name;
  std::string state;                // "Ready", "ExitError"
  std::vector<std::string> events;  // "INVOKE", "SHUTDOWN"
  std::string error_type{};
};

// The two APIs by which extensions get records.
inline constexpr std::string_view kTelemetryApi = "telemetry";
inline constexpr std::string_view kLogsApi = "logs";

class LogLines : private base::Pinned {
 public:
  LogLines() = default;
  virtual ~LogLines() = default;

  virtual std::string init_start() const = 0;
  virtual std::string restore_start() const = 0;
  // Of an init that has failed, or led to a snapshot, and of every restore. `error_type` is empty,
  // or for example "Runtime.ExitError" or "Sandbox.Timedout".
  virtual std::string init_report(InitPhase phase, Microseconds duration,
                                  std::string_view error_type) const = 0;
  virtual std::string start(std::string_view request_id) const = 0;
  // The lines between those of the runtime and the report: a failure, if any, and the end.
  virtual std::vector<std::string> end(const EventRecord& record) const = 0;
  virtual std::string report(const EventRecord& record, const ReportFacts& facts) const = 0;
  // Any other message of the platform about an event.
  virtual std::string error(std::string_view request_id, std::string_view message) const = 0;
  virtual std::string extension(const ExtensionFacts& facts) const = 0;
  // An extension has subscribed to records of these types, through `api`.
  virtual std::string subscription(std::string_view api, std::string_view extension,
                                   const std::vector<std::string>& types) const = 0;
};

// The format of AWS_LAMBDA_LOG_FORMAT: JSON (in any case), otherwise text. Borrows `config`.
std::unique_ptr<const LogLines> make_log_lines(const FunctionConfig& config);

// "success" without an error type, otherwise "timeout" or "error".
std::string_view status_of(std::string_view error_type);
// "Task timed out after 3.00 seconds"
std::string timed_out_message(std::chrono::milliseconds timeout);
// "Runtime exited with error: exit status 3"
std::string exit_message(const process::ExitStatus& status);
// True if a trace header such as "Root=1-..;Parent=..;Sampled=1" asks for a trace in X-Ray.
bool is_sampled(std::string_view trace_id);
// "2026-01-31T12:00:00.123Z"
std::string now_text();

}  // namespace phork::emulator
