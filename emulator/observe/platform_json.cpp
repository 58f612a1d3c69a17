// SPDX-License-Identifier: MIT
#include "emulator/observe/platform_json.h"

#include <chrono>
#include <utility>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;

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

// In milliseconds, down to the microsecond.
void add_duration(JsonWriter& json, std::string_view name, Microseconds duration) {
  json.key(name).number(std::chrono::duration<double, std::milli>(duration).count(), 3);
}

// A timeout is named by the status alone.
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

class PlatformJson final : public LogLines {
 public:
  explicit PlatformJson(const FunctionConfig& config) : config_(config) {}

  std::string init_start() const override {
    JsonWriter json = begin_record("platform.initStart");
    json.field("initializationType", "on-demand").field("phase", "init");
    json.field("runtimeVersion", "phork " PHORK_VERSION);
    json.field("functionName", config_.name).field("functionVersion", "$LATEST");
    json.key("instanceMaxMemory").integer(std::int64_t{config_.memory_mb} << 20);
    return finish_record(std::move(json));
  }

  std::string init_report(InitPhase phase, Microseconds duration,
                          std::string_view error_type) const override {
    JsonWriter json = begin_record("platform.initReport");
    json.field("initializationType", "on-demand");
    json.field("phase", phase == InitPhase::kInit ? "init" : "invoke");
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
    json.key("billedDurationMs").integer(billed_ms(record.billed, facts.init));
    json.key("memorySizeMB").integer(facts.memory_size_mb);
    json.key("maxMemoryUsedMB").integer(static_cast<std::int64_t>(facts.max_memory_used_mb()));
    if (facts.init) add_duration(json, "initDurationMs", *facts.init);
    json.end_object();
    add_tracing(json, record.trace_id);
    add_status(json, record.error_type);
    return finish_record(std::move(json));
  }

  // Its record is text: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
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

std::unique_ptr<const LogLines> make_platform_json(const FunctionConfig& config) {
  return std::make_unique<PlatformJson>(config);
}

}  // namespace phork::emulator
