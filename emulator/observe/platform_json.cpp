// SPDX-License-Identifier: MIT
#include "emulator/observe/platform_json.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "emulator/event/json_text.h"
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

void add_init(JsonWriter& json, const FunctionConfig& config, InitPhase phase) {
  json.field("initializationType", config.initialization_type());
  json.field("phase", phase == InitPhase::kInit ? "init" : "invoke");
}

// Of an environment that starts.
void add_instance(JsonWriter& json, const FunctionConfig& config) {
  json.field("runtimeVersion", "phork " PHORK_VERSION);
  json.field("functionName", config.name).field("functionVersion", "$LATEST");
  json.key("instanceMaxMemory").integer(std::int64_t{config.memory_mb} << 20);
}

void add_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

}  // namespace

std::string PlatformJson::init_start() const {
  JsonWriter json = begin_record("platform.initStart");
  add_init(json, config_, InitPhase::kInit);
  add_instance(json, config_);
  return finish_record(std::move(json));
}

std::string PlatformJson::restore_start() const {
  JsonWriter json = begin_record("platform.restoreStart");
  add_instance(json, config_);
  return finish_record(std::move(json));
}

std::string PlatformJson::init_report(InitPhase phase, Microseconds duration,
                                      std::string_view error_type) const {
  const bool restores = phase == InitPhase::kRestore;
  JsonWriter json = begin_record(restores ? "platform.restoreReport" : "platform.initReport");
  if (!restores) add_init(json, config_, phase);
  add_status(json, error_type);
  json.key("metrics").begin_object();
  add_duration(json, "durationMs", duration);
  json.end_object();
  return finish_record(std::move(json));
}

std::string PlatformJson::init_runtime_done(InitPhase phase, std::string_view error_type) const {
  const bool restores = phase == InitPhase::kRestore;
  JsonWriter json =
      begin_record(restores ? "platform.restoreRuntimeDone" : "platform.initRuntimeDone");
  if (!restores) add_init(json, config_, phase);
  add_status(json, error_type);
  return finish_record(std::move(json));
}

std::string PlatformJson::start(std::string_view request_id) const {
  JsonWriter json = begin_record("platform.start");
  json.field("requestId", request_id).field("functionArn", config_.arn());
  json.field("version", "$LATEST");
  return finish_record(std::move(json));
}

std::vector<std::string> PlatformJson::end(const EventRecord& record) const {
  std::vector<std::string> lines;
  const std::string_view status = status_of(record.error_type);
  if (status == "error" && !record.failure.empty()) {
    lines.push_back(error(record.request_id, record.failure + '\n' + record.error_type));
  }
  if (status != "success") lines.push_back(runtime_done(record));
  return lines;
}

std::string PlatformJson::runtime_done(const EventRecord& record) const {
  JsonWriter json = begin_record("platform.runtimeDone");
  json.field("requestId", record.request_id);
  add_status(json, record.error_type);
  add_tracing(json, record.trace_id);
  json.key("metrics").begin_object();
  add_duration(json, "durationMs", record.billed);
  json.end_object();
  return finish_record(std::move(json));
}

std::string PlatformJson::report(const EventRecord& record, const ReportFacts& facts) const {
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
std::string PlatformJson::error(std::string_view request_id, std::string_view message) const {
  JsonWriter json = begin_event("platform.fault");
  json.string(platform_message(request_id, message)).end_object();
  return std::move(json).text();
}

std::string PlatformJson::extension(const ExtensionFacts& facts) const {
  JsonWriter json = begin_record("platform.extension");
  json.field("name", facts.name).field("state", facts.state);
  add_list(json, "events", facts.events);
  if (!facts.error_type.empty()) json.field("errorType", facts.error_type);
  return finish_record(std::move(json));
}

std::string PlatformJson::subscription(std::string_view api, std::string_view extension,
                                       const std::vector<std::string>& types) const {
  JsonWriter json = begin_record(api == kLogsApi ? "platform.logsSubscription"
                                                 : "platform.telemetrySubscription");
  json.field("name", extension).field("state", "Subscribed");
  add_list(json, "types", types);
  return finish_record(std::move(json));
}

std::string PlatformJson::logs_dropped(std::size_t records, std::size_t bytes) const {
  JsonWriter json = begin_record("platform.logsDropped");
  json.field("reason", "The subscriber did not take its records in time.");
  json.key("droppedRecords").integer(static_cast<std::int64_t>(records));
  json.key("droppedBytes").integer(static_cast<std::int64_t>(bytes));
  return finish_record(std::move(json));
}

std::string output_event(std::string_view type, std::string_view line, bool json) {
  JsonWriter event = begin_event(type);
  if (json && line.starts_with('{') && json_fault(line).empty()) {
    event.raw(line);
  } else {
    event.string(line);
  }
  event.end_object();
  return std::move(event).text();
}

}  // namespace phork::emulator
