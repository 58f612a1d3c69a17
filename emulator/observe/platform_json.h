// SPDX-License-Identifier: MIT
//
// The platform events of the Telemetry API, one JSON object each. The function's log has those of
// the level INFO where it is in JSON; extensions get all of them. Immutable; any thread.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/observe/log_lines.h"

namespace phork::emulator {

class PlatformJson final : public LogLines {
 public:
  explicit PlatformJson(const FunctionConfig& config) : config_(config) {}

  std::string init_start() const override;
  std::string restore_start() const override;
  // Ends an init or a restore; without an error type it went well.
  std::string init_report(InitPhase phase, Microseconds duration,
                          std::string_view error_type) const override;
  std::string start(std::string_view request_id) const override;
  // A success has platform.start and platform.report in the log; a failure also
  // platform.runtimeDone, and platform.fault when the platform knows more than the error type.
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
  std::vector<std::string> end(const EventRecord& record) const override;
  std::string report(const EventRecord& record, const ReportFacts& facts) const override;
  std::string error(std::string_view request_id, std::string_view message) const override;
  std::string extension(const ExtensionFacts& facts) const override;
  std::string subscription(std::string_view api, std::string_view extension,
                           const std::vector<std::string>& types) const override;

  // Events of level DEBUG, which only extensions get.
  std::string init_runtime_done(InitPhase phase, std::string_view error_type) const;
  std::string runtime_done(const EventRecord& record) const;
  // A subscriber did not take its records in time.
  std::string logs_dropped(std::size_t records, std::size_t bytes) const;

 private:
  const FunctionConfig& config_;
};

// A record of what the function or an extension printed: a text, or the object that `line` is.
std::string output_event(std::string_view type, std::string_view line, bool json);

// True if the function's log is in JSON.
bool wants_json(const FunctionConfig& config);

}  // namespace phork::emulator
