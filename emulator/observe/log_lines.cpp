// SPDX-License-Identifier: MIT
#include "emulator/observe/log_lines.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "runtime/base/json_writer.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;

constexpr std::string_view kFormat = "AWS_LAMBDA_LOG_FORMAT=";

std::string decimals(Microseconds duration) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                std::chrono::duration<double, std::milli>(duration).count());
  return text.data();
}

std::string status_fields(std::string_view error_type) {
  if (error_type.empty()) return {};
  std::string fields = "\tStatus: " + std::string(status_of(error_type));
  if (error_type != kTimedOutType) fields.append("\tError Type: ").append(error_type);
  return fields;
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

// The Parent that the runtime gets is the function's own segment.
std::string xray_line(std::string_view trace_id) {
  if (!is_sampled(trace_id)) return {};
  std::string line = "\nXRAY TraceId: ";
  line.append(trace_field(trace_id, "Root"));
  line.append("\tSegmentId: ").append(trace_field(trace_id, "Parent"));
  return line += "\tSampled: true";
}

// Lambda bills a restore that has run code of the function; here that is all that is measured.
std::string start_fields(const StartTimes& start) {
  if (start.restore) {
    return "\tRestore Duration: " + decimals(*start.restore) +
           " ms\tBilled Restore Duration: " + std::to_string(billed_ms(*start.restore, {})) + " ms";
  }
  return start.init ? "\tInit Duration: " + decimals(*start.init) + " ms" : "";
}

class TextLines final : public LogLines {
 public:
  explicit TextLines(const FunctionConfig& config) : config_(config) {}

  std::string init_start() const override {
    return "INIT_START Runtime Version: phork " PHORK_VERSION;
  }

  std::string restore_start() const override {
    return "RESTORE_START Runtime Version: phork " PHORK_VERSION;
  }

  std::string init_report(InitPhase phase, Microseconds duration,
                          std::string_view error_type) const override {
    if (phase == InitPhase::kRestore) {
      return "RESTORE_REPORT Restore Duration: " + decimals(duration) + " ms" +
             status_fields(error_type);
    }
    return "INIT_REPORT Init Duration: " + decimals(duration) +
           " ms\tPhase: " + (phase == InitPhase::kInit ? "init" : "invoke") +
           status_fields(error_type);
  }

  std::string start(std::string_view request_id) const override {
    return "START RequestId: " + std::string(request_id) + " Version: $LATEST";
  }

  std::vector<std::string> end(const EventRecord& record) const override {
    std::vector<std::string> lines;
    if (record.error_type == kTimedOutType) {
      lines.push_back(now_text() + ' ' + record.request_id + ' ' +
                      timed_out_message(config_.timeout));
    } else if (!record.failure.empty()) {
      lines.push_back(error(record.request_id, record.failure) + '\n' + record.error_type);
    }
    lines.push_back("END RequestId: " + record.request_id);
    return lines;
  }

  // A sampled event gets a second line, for X-Ray.
  std::string report(const EventRecord& record, const ReportFacts& facts) const override {
    std::string line = "REPORT RequestId: " + record.request_id;
    line += "\tDuration: " + decimals(record.billed) + " ms";
    line += "\tBilled Duration: " + std::to_string(billed_ms(record.billed, facts.start.billed())) +
            " ms";
    line += "\tMemory Size: " + std::to_string(facts.memory_size_mb) + " MB";
    line += "\tMax Memory Used: " + std::to_string(facts.max_memory_used_mb()) + " MB";
    line += start_fields(facts.start);
    return line + status_fields(record.error_type) + xray_line(record.trace_id);
  }

  std::string error(std::string_view request_id, std::string_view message) const override {
    return platform_message(request_id, message);
  }

 private:
  const FunctionConfig& config_;
};

bool wants_json(const FunctionConfig& config) {
  const auto found = std::ranges::find_if(
      config.environment, [](const std::string& entry) { return entry.starts_with(kFormat); });
  return found != config.environment.end() &&
         base::equal_in_any_case(std::string_view(*found).substr(kFormat.size()), "json");
}

JsonWriter begin_event(std::string_view type) {
  JsonWriter json;
  json.begin_object().field("time", now_text()).field("type", type).key("record");
  return json;
}

JsonWriter begin_record(std::string_view type) {
  JsonWriter json = begin_event(type);
  json.begin_object();
  return json;
}

std::string finish_record(JsonWriter json) {
  json.end_object().end_object();
  return std::move(json).text();
}

// Milliseconds with three decimals.
void add_duration(JsonWriter& json, std::string_view name, Microseconds duration) {
  json.key(name).number(std::chrono::duration<double, std::milli>(duration).count(), 3);
}

// Lambda omits the error type of a timeout.
void add_status(JsonWriter& json, std::string_view error_type) {
  const std::string_view status = status_of(error_type);
  json.field("status", status);
  if (status == "error") json.field("errorType", error_type);
}

void add_tracing(JsonWriter& json, std::string_view trace_id) {
  if (!is_sampled(trace_id)) return;
  json.key("tracing").begin_object();
  json.field("type", "X-Amzn-Trace-Id").field("value", trace_id).end_object();
}

// The platform events of the Telemetry API that the system log level INFO lets through, one object
// a line. A success has platform.start and platform.report; a failure also platform.runtimeDone,
// and platform.fault when the platform knows more than the error type.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
class PlatformJson final : public LogLines {
 public:
  explicit PlatformJson(const FunctionConfig& config) : config_(config) {}

  std::string init_start() const override {
    JsonWriter json = begin_record("platform.initStart");
    json.field("initializationType", config_.initialization_type()).field("phase", "init");
    json.field("runtimeVersion", "phork " PHORK_VERSION);
    json.field("functionName", config_.name).field("functionVersion", "$LATEST");
    json.key("instanceMaxMemory").integer(std::int64_t{config_.memory_mb} << 20);
    return finish_record(std::move(json));
  }

  std::string restore_start() const override {
    JsonWriter json = begin_record("platform.restoreStart");
    json.field("runtimeVersion", "phork " PHORK_VERSION);
    json.field("functionName", config_.name).field("functionVersion", "$LATEST");
    json.key("instanceMaxMemory").integer(std::int64_t{config_.memory_mb} << 20);
    return finish_record(std::move(json));
  }

  std::string init_report(InitPhase phase, Microseconds duration,
                          std::string_view error_type) const override {
    const bool restores = phase == InitPhase::kRestore;
    JsonWriter json = begin_record(restores ? "platform.restoreReport" : "platform.initReport");
    if (!restores) {
      json.field("initializationType", config_.initialization_type());
      json.field("phase", phase == InitPhase::kInit ? "init" : "invoke");
    }
    add_status(json, error_type);
    json.key("metrics").begin_object();
    add_duration(json, "durationMs", duration);
    json.end_object();
    return finish_record(std::move(json));
  }

  std::string start(std::string_view request_id) const override {
    JsonWriter json = begin_record("platform.start");
    json.field("requestId", request_id).field("functionArn", config_.arn());
    json.field("version", "$LATEST");
    return finish_record(std::move(json));
  }

  std::vector<std::string> end(const EventRecord& record) const override {
    std::vector<std::string> lines;
    const std::string_view status = status_of(record.error_type);
    if (status == "error" && !record.failure.empty()) {
      lines.push_back(error(record.request_id, record.failure + '\n' + record.error_type));
    }
    if (status != "success") lines.push_back(runtime_done(record));
    return lines;
  }

  std::string report(const EventRecord& record, const ReportFacts& facts) const override {
    JsonWriter json = begin_record("platform.report");
    json.field("requestId", record.request_id).key("metrics").begin_object();
    add_duration(json, "durationMs", record.billed);
    json.key("billedDurationMs").integer(billed_ms(record.billed, facts.start.billed()));
    json.key("memorySizeMB").integer(facts.memory_size_mb);
    json.key("maxMemoryUsedMB").integer(static_cast<std::int64_t>(facts.max_memory_used_mb()));
    if (facts.start.restore) {
      add_duration(json, "restoreDurationMs", *facts.start.restore);
      json.key("billedRestoreDurationMs").integer(billed_ms(*facts.start.restore, {}));
    } else if (facts.start.init) {
      add_duration(json, "initDurationMs", *facts.start.init);
    }
    json.end_object();
    add_tracing(json, record.trace_id);
    add_status(json, record.error_type);
    return finish_record(std::move(json));
  }

  // The record is a text here: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
  std::string error(std::string_view request_id, std::string_view message) const override {
    JsonWriter json = begin_event("platform.fault");
    json.string(platform_message(request_id, message)).end_object();
    return std::move(json).text();
  }

 private:
  static std::string runtime_done(const EventRecord& record) {
    JsonWriter json = begin_record("platform.runtimeDone");
    json.field("requestId", record.request_id);
    add_status(json, record.error_type);
    add_tracing(json, record.trace_id);
    json.key("metrics").begin_object();
    add_duration(json, "durationMs", record.billed);
    json.end_object();
    return finish_record(std::move(json));
  }

  const FunctionConfig& config_;
};

}  // namespace

std::unique_ptr<const LogLines> make_log_lines(const FunctionConfig& config) {
  if (wants_json(config)) return std::make_unique<PlatformJson>(config);
  return std::make_unique<TextLines>(config);
}

std::string_view status_of(std::string_view error_type) {
  if (error_type.empty()) return "success";
  return error_type == kTimedOutType ? "timeout" : "error";
}

std::string timed_out_message(std::chrono::milliseconds timeout) {
  std::array<char, 60> text{};
  std::snprintf(text.data(), text.size(), "Task timed out after %.2f seconds",
                std::chrono::duration<double>(timeout).count());
  return text.data();
}

std::string exit_message(const process::ExitStatus& status) {
  if (status.clean()) return "Runtime exited without providing a reason";
  if (status.kind == process::ExitStatus::Kind::kExited) {
    return "Runtime exited with error: exit status " + std::to_string(status.code);
  }
  const char* name = ::sigdescr_np(status.code);
  return "Runtime exited with error: signal: " +
         (name != nullptr ? base::lower_case(name) : std::to_string(status.code));
}

bool is_sampled(std::string_view trace_id) {
  return trace_field(trace_id, "Sampled") == "1";
}

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

}  // namespace phork::emulator
