// SPDX-License-Identifier: MIT
//
// The messages that a worker sends its supervisor, each a datagram: about its boot, about a failed
// event, about what an event cost where somebody measures, and when the supervisor has to read the
// worker's output first. A good event that nobody measures sends none. Pure: bytes in, bytes out.
// The bytes come from a process that runs PHP code, so decoding never trusts a length, and refuses
// what does not fit.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/base/log.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::slot {

// A line of the runtime's own, for the log.
struct LogReport {
  base::LogLevel level = base::LogLevel::kInfo;
  std::string request_id;
  std::string tenant_id;
  std::string text;
  std::optional<event::Failure> failure;  // that the text is about
};

// The cost of one event.
struct CostReport {
  std::string request_id;
  std::chrono::microseconds latency{};  // from receiving the event to the posted answer
  std::uint32_t minor_faults = 0;
  std::uint64_t php_us = 0;
  std::uint32_t generation = 0;  // of the zygote; 0 where there is none
  std::uint64_t ready_us = 0;    // from the start of the worker, or its fork, to kReady
  // With PHORK_TRACE; empty and 0 without.
  std::string trace{};         // the header that names the event's trace
  std::uint64_t asked_us = 0;  // since 1970, when the event was asked for; 0: not by this worker
  std::uint64_t taken_us = 0;  // and when it came
  bool failed = false;
};

// The worker has handed over (page.h).
struct TurnReport {};

// An answer begins to stream by the connection whose descriptor comes with this.
struct StreamReport {};

// A worker that is a program of its own has booted.
struct ReadyReport {};

// It could not boot, and ends.
struct BootReport {
  event::Failure failure;
};

using Report =
    std::variant<LogReport, CostReport, TurnReport, ReadyReport, BootReport, StreamReport>;

// Texts are cut so that the datagram fits a socket's buffer.
std::string encode(const base::LogRecord& record);
std::string encode(const CostReport& report);
std::string encode(TurnReport report);
std::string encode(ReadyReport report);
std::string encode(StreamReport report);
std::string encode(const BootReport& report);

base::Result<Report> decode_report(std::string_view bytes);

// No report is longer.
inline constexpr std::size_t kMostReportBytes = std::size_t{128} * 1024;

}  // namespace phork::slot
