// SPDX-License-Identifier: MIT
//
// The log lines that Lambda itself writes around those of the runtime, in its text format. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

enum class InitPhase : std::uint8_t {
  kInit,    // of a fresh environment, before any event
  kInvoke,  // done again inside an event, after a failure
};

std::string init_start_line();
// Only for an init that failed: `error_type` "Runtime.ExitError", or "Sandbox.Timedout".
std::string init_report_line(InitPhase phase, Microseconds duration, std::string_view error_type);
std::string start_line(std::string_view request_id);
std::string end_line(std::string_view request_id);

struct ReportFacts {
  unsigned memory_size_mb = 0;
  std::uint64_t max_memory_used_kb = 0;
  std::optional<Microseconds> init;  // only where it belongs to this event
};

// Billed Duration is what init and duration sum up to, in whole milliseconds rounded up. A line of
// its own for X-Ray where the event is sampled.
std::string report_line(const EventRecord& record, const ReportFacts& facts);

// "Task timed out after 3.00 seconds"
std::string timed_out_message(std::chrono::milliseconds timeout);
// The same with the time and the event before it.
std::string timed_out_line(std::string_view request_id, std::chrono::milliseconds timeout);
// "Runtime exited with error: exit status 3"
std::string exit_message(const process::ExitStatus& status);

}  // namespace phork::emulator
