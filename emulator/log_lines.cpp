// SPDX-License-Identifier: MIT
#include "emulator/log_lines.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "runtime/http/header.h"

namespace phork::emulator {
namespace {

constexpr std::string_view kTimedOut = "Sandbox.Timedout";

std::string decimals(Microseconds duration) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                std::chrono::duration<double, std::milli>(duration).count());
  return text.data();
}

std::string status_fields(std::string_view error_type) {
  if (error_type.empty()) return {};
  if (error_type == kTimedOut) return "\tStatus: timeout";
  return "\tStatus: error\tError Type: " + std::string(error_type);
}

// "2026-01-31T12:00:00.123Z"
std::string now_text() {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  const std::time_t seconds = system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ",
                static_cast<int>(now.time_since_epoch().count() % 1000));
  return text.data();
}

// The value of `name` in "Root=1-..;Parent=..;Sampled=1".
std::string_view trace_field(std::string_view trace_id, std::string_view name) {
  while (!trace_id.empty()) {
    const std::size_t end = trace_id.find(';');
    const std::string_view field = trace_id.substr(0, end);
    if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) {
      return field.substr(name.size() + 1);
    }
    trace_id.remove_prefix(end == std::string_view::npos ? trace_id.size() : end + 1);
  }
  return {};
}

// The parent that the runtime is told is the segment of the function itself.
std::string xray_line(std::string_view trace_id) {
  if (trace_field(trace_id, "Sampled") != "1") return {};
  std::string line = "\nXRAY TraceId: ";
  line.append(trace_field(trace_id, "Root"));
  line.append("\tSegmentId: ").append(trace_field(trace_id, "Parent"));
  return line += "\tSampled: true";
}

}  // namespace

std::string init_start_line() {
  return "INIT_START Runtime Version: phork " PHORK_VERSION;
}

std::string init_report_line(InitPhase phase, Microseconds duration, std::string_view error_type) {
  return "INIT_REPORT Init Duration: " + decimals(duration) +
         " ms\tPhase: " + (phase == InitPhase::kInit ? "init" : "invoke") +
         status_fields(error_type);
}

std::string start_line(std::string_view request_id) {
  return "START RequestId: " + std::string(request_id) + " Version: $LATEST";
}

std::string end_line(std::string_view request_id) {
  return "END RequestId: " + std::string(request_id);
}

std::string report_line(const EventRecord& record, const ReportFacts& facts) {
  const Microseconds billed = record.billed + facts.init.value_or(Microseconds{});
  const auto billed_ms = std::chrono::ceil<std::chrono::milliseconds>(billed).count();
  // Rounded up, so that a runtime smaller than a megabyte does not seem to need none.
  const std::uint64_t memory_mb = (facts.max_memory_used_kb + 1023) / 1024;
  std::string line = "REPORT RequestId: " + record.request_id;
  line += "\tDuration: " + decimals(record.billed) + " ms";
  line += "\tBilled Duration: " + std::to_string(billed_ms) + " ms";
  line += "\tMemory Size: " + std::to_string(facts.memory_size_mb) + " MB";
  line += "\tMax Memory Used: " + std::to_string(memory_mb) + " MB";
  if (facts.init) line += "\tInit Duration: " + decimals(*facts.init) + " ms";
  return line + status_fields(record.error_type) + xray_line(record.trace_id);
}

std::string timed_out_message(std::chrono::milliseconds timeout) {
  std::array<char, 60> text{};
  std::snprintf(text.data(), text.size(), "Task timed out after %.2f seconds",
                std::chrono::duration<double>(timeout).count());
  return text.data();
}

std::string timed_out_line(std::string_view request_id, std::chrono::milliseconds timeout) {
  return now_text().append(" ").append(request_id).append(" ") + timed_out_message(timeout);
}

std::string exit_message(const process::ExitStatus& status) {
  if (status.clean()) return "Runtime exited without providing a reason";
  if (status.kind == process::ExitStatus::Kind::kExited) {
    return "Runtime exited with error: exit status " + std::to_string(status.code);
  }
  const char* name = ::sigdescr_np(status.code);
  return "Runtime exited with error: signal: " +
         (name != nullptr ? http::lower_case(name) : std::to_string(status.code));
}

}  // namespace phork::emulator
