// SPDX-License-Identifier: MIT
#include "emulator/log_lines.h"

#include <array>
#include <cstdio>

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

}  // namespace

std::string init_start_line() {
  return "INIT_START Runtime Version: phork " PHORK_VERSION;
}

std::string init_report_line(Microseconds duration, std::string_view error_type) {
  return "INIT_REPORT Init Duration: " + decimals(duration) + " ms\tPhase: init" +
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
  return line + status_fields(record.error_type);
}

std::string timed_out_message(std::chrono::milliseconds timeout) {
  std::array<char, 60> text{};
  std::snprintf(text.data(), text.size(), "Task timed out after %.2f seconds",
                std::chrono::duration<double>(timeout).count());
  return text.data();
}

}  // namespace phork::emulator
