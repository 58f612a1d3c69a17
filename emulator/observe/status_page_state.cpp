// SPDX-License-Identifier: MIT
#include "emulator/observe/status_page_state.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using std::chrono::system_clock;

template <typename Number>
JsonWriter& number(JsonWriter& json, std::string_view name, Number value) {
  return json.key(name).integer(static_cast<std::int64_t>(value));
}

JsonWriter& time(JsonWriter& json, std::string_view name, system_clock::time_point value) {
  const auto since_epoch = value.time_since_epoch();
  return number(json, name,
                std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

JsonWriter& duration(JsonWriter& json, std::string_view name, std::optional<Microseconds> value) {
  return value ? number(json, name, value->count()) : json.key(name).null();
}

std::string_view status_of(const InvocationView& view) {
  if (view.running) return "running";
  switch (view.ending) {
    case Ending::kAnswered:
      return "ok";
    case Ending::kFailed:
      return "error";
    case Ending::kTimedOut:
      return "timeout";
    case Ending::kExited:
      return "crash";
    case Ending::kAborted:
      return "aborted";
    case Ending::kNotServed:
      return "not served";
  }
  return "error";
}

void write_function(JsonWriter& json, const FunctionConfig& config) {
  json.key("function").begin_object();
  json.field("name", config.name).field("handler", config.handler);
  json.field("task_root", config.task_root);
  number(json, "memory_mb", config.memory_mb);
  number(json, "timeout_ms", config.timeout.count());
  number(json, "concurrency", config.concurrency);
  number(json, "idle_timeout_ms", config.idle_timeout.count());
  json.key("freeze").boolean(config.freeze);
  json.key("enforce_memory").boolean(config.enforce_memory);
  json.end_object();
}

void write_environment(JsonWriter& json, const EnvironmentView& view) {
  json.begin_object();
  number(json, "id", view.id);
  json.field("state", name_of(view.state));
  time(json, "since_ms", view.since);
  number(json, "pid", view.pid);
  number(json, "starts", view.starts);
  number(json, "events", view.events);
  duration(json, "init_us", view.init);
  number(json, "memory_kb", view.memory_kb);
  json.field("request_id", view.request_id);
  json.end_object();
}

// Duration and billed milliseconds are those of the REPORT line.
void write_measures(JsonWriter& json, const InvocationView& view) {
  duration(json, "queued_us", view.queued);
  duration(json, "latency_us", view.latency);
  duration(json, "duration_us", view.billed);
  duration(json, "init_us", view.init);
  number(json, "billed_ms", billed_ms(view.billed, view.init));
  number(json, "memory_kb", view.memory_kb);
}

void write_invocation(JsonWriter& json, const InvocationView& view) {
  json.begin_object();
  number(json, "seq", view.sequence);
  json.field("request_id", view.request_id);
  number(json, "environment", view.environment);
  json.field("strategy", view.strategy);
  time(json, "started_ms", view.started);
  json.field("status", status_of(view)).field("error_type", view.error_type);
  if (!view.running) write_measures(json, view);
  json.end_object();
}

void write_histogram(JsonWriter& json, const LatencyHistogram& histogram) {
  json.begin_object().field("strategy", histogram.strategy);
  number(json, "count", histogram.count);
  number(json, "p50_us", histogram.percentile_us(50));
  number(json, "p90_us", histogram.percentile_us(90));
  number(json, "p99_us", histogram.percentile_us(99));
  json.key("buckets").begin_array();
  for (std::size_t n = 0; n < kLatencyBuckets; ++n) {
    if (histogram.buckets[n] == 0) continue;
    json.begin_array().integer(static_cast<std::int64_t>(n));
    json.integer(static_cast<std::int64_t>(histogram.buckets[n])).end_array();
  }
  json.end_array().end_object();
}

// No character is cut into: bytes 10xxxxxx continue one.
std::string_view head_of(std::string_view text) {
  if (text.size() <= kMostLineBytes) return text;
  std::size_t end = kMostLineBytes;
  while (end > kMostLineBytes - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

void write_log_line(JsonWriter& json, const LogLineView& line) {
  const std::string_view shown = head_of(line.text);
  json.begin_object();
  number(json, "seq", line.sequence);
  time(json, "time_ms", line.time);
  number(json, "environment", line.environment);
  json.field("request_id", line.request_id).field("text", shown);
  if (shown.size() < line.text.size()) number(json, "cut_bytes", line.text.size() - shown.size());
  json.end_object();
}

template <typename View>
void write_list(JsonWriter& json, std::string_view name, const std::vector<View>& views,
                void (*write)(JsonWriter&, const View&)) {
  json.key(name).begin_array();
  for (const View& view : views) write(json, view);
  json.end_array();
}

}  // namespace

std::string write_state(const FunctionConfig& config, const ActivitySnapshot& snapshot,
                        const StateTimes& times) {
  JsonWriter json;
  json.begin_object();
  time(json, "started_ms", times.started);
  time(json, "now_ms", times.now);
  write_function(json, config);
  number(json, "queued", snapshot.queued);
  number(json, "events", snapshot.events);
  number(json, "errors", snapshot.errors);
  write_list(json, "environments", snapshot.environments, write_environment);
  write_list(json, "latency", snapshot.latency, write_histogram);
  write_list(json, "invocations", snapshot.invocations, write_invocation);
  write_list(json, "log", snapshot.log, write_log_line);
  json.end_object();
  return std::move(json).text();
}

}  // namespace phork::emulator
