// SPDX-License-Identifier: MIT
//
// The log lines that Lambda itself writes around those of the runtime, in the format that the user
// has chosen: text, in log_lines.cpp, or JSON, in platform_json.h. Immutable; any thread.
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
  kInit,    // of a fresh environment, before any event
  kInvoke,  // done again inside an event, after a failure
};

struct ReportFacts {
  unsigned memory_size_mb = 0;
  std::uint64_t max_memory_used_kb = 0;
  std::optional<Microseconds> init{};  // only where it belongs to this event

  // Rounded up, so that a runtime smaller than a megabyte does not seem to need none.
  std::uint64_t max_memory_used_mb() const { return (max_memory_used_kb + 1023) / 1024; }
};

class LogLines : private base::Pinned {
 public:
  LogLines() = default;
  virtual ~LogLines() = default;

  virtual std::string init_start() const = 0;
  // Only for an init that failed: `error_type` "Runtime.ExitError", or "Sandbox.Timedout".
  virtual std::string init_report(InitPhase phase, Microseconds duration,
                                  std::string_view error_type) const = 0;
  virtual std::string start(std::string_view request_id) const = 0;
  // All that stands between the runtime's lines and the report: what went wrong, and the end.
  virtual std::vector<std::string> end(const EventRecord& record) const = 0;
  virtual std::string report(const EventRecord& record, const ReportFacts& facts) const = 0;
  // What the platform has to say of an event beside all these.
  virtual std::string error(std::string_view request_id, std::string_view message) const = 0;
};

// As AWS_LAMBDA_LOG_FORMAT asks: JSON in any case, else text. `config` outlives the result.
std::unique_ptr<const LogLines> make_log_lines(const FunctionConfig& config);

// "success" without an error type, "timeout", or "error".
std::string_view status_of(std::string_view error_type);
// "Task timed out after 3.00 seconds"
std::string timed_out_message(std::chrono::milliseconds timeout);
// "Runtime exited with error: exit status 3"
std::string exit_message(const process::ExitStatus& status);
// Whether "Root=1-..;Parent=..;Sampled=1" is of an event that X-Ray is to see.
bool is_sampled(std::string_view trace_id);
// "2026-01-31T12:00:00.123Z"
std::string now_text();

}  // namespace phork::emulator
