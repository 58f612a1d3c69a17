// SPDX-License-Identifier: MIT
#include "emulator/observe/status_page.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/json_writer.h"
#include "runtime/base/text.h"

namespace phork::emulator {

// Made by the build of the files in emulator/page (emulator/meson.build): HTML with its style sheet
// and scripts inside, and the content security policy that lets these run and nothing else.
extern const std::string_view kStatusPage;
extern const std::string_view kStatusPagePolicy;

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
  constexpr std::array<std::string_view, 6> kWords{"ok",    "error",   "timeout",
                                                   "crash", "aborted", "not served"};
  static_assert(kWords.size() == static_cast<std::size_t>(Ending::kNotServed) + 1);
  return view.running ? "running" : kWords[static_cast<std::size_t>(view.ending)];
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

// Duration and billed milliseconds have the values of the REPORT line.
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
  json.field("method", view.request.method).field("path", view.request.path);
  json.key("http_status");
  if (view.request.status > 0) {
    json.integer(view.request.status);
  } else {
    json.null();
  }
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

// The first kMostLineBytes of the text, without cutting a UTF-8 character: bytes 10xxxxxx continue
// one.
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

constexpr std::string_view kStatePath = "/_phork/state";

HttpReply reply_of(int status, std::string_view type, std::string body) {
  return {status,
          {{"content-type", std::string(type)},
           {"cache-control", "no-store"},
           {"x-content-type-options", "nosniff"},
           {"referrer-policy", "no-referrer"},
           // Other sites can neither read the page nor find out whether it exists.
           {"cross-origin-resource-policy", "same-origin"}},
          std::move(body)};
}

HttpReply refusal(int status, std::string_view message) {
  base::JsonWriter json;
  json.begin_object().field("message", message).end_object();
  return reply_of(status, "application/json", std::move(json).text());
}

// The number in the parameter `name`; 0 when absent, nullopt when it is not a number.
std::optional<std::uint64_t> parameter(std::string_view query, std::string_view name) {
  return base::parse_number<std::uint64_t>(find_parameter(query, name).value_or("0"));
}

}  // namespace

std::string write_state(const FunctionConfig& config, const ActivitySnapshot& snapshot,
                        const StateTimes& times) {
  JsonWriter json;
  json.begin_object();
  time(json, "started_ms", times.started);
  time(json, "now_ms", times.now);
  write_function(json, config);
  json.field("refill", snapshot.refill);
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

bool StatusPage::takes(const HttpRequest& head) const {
  const std::string_view path = head.raw_path();
  constexpr std::string_view kPage = kPath;
  return path.starts_with(kPage) && (path.size() == kPage.size() || path[kPage.size()] == '/');
}

void StatusPage::handle(HttpRequest request, HttpConnection& connection) {
  connection.send(reply_to(request));
}

HttpReply StatusPage::reply_to(const HttpRequest& request) const {
  const std::string_view path = request.raw_path();
  const bool is_page = path == kPath || path == "/_phork/";
  if (!is_page && path != kStatePath) return refusal(404, "Not Found");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = refusal(405, "Method Not Allowed");
    reply.headers.push_back({"allow", "GET, HEAD"});
    return reply;
  }
  if (!is_page) return state(request.query());
  HttpReply reply = reply_of(200, "text/html; charset=utf-8", std::string(kStatusPage));
  reply.headers.push_back({"content-security-policy", std::string(kStatusPagePolicy)});
  return reply;
}

HttpReply StatusPage::state(std::string_view query) const {
  const auto invocations = parameter(query, "invocations");
  const auto log = parameter(query, "log");
  if (!invocations || !log) return refusal(400, "expected numbers for invocations and log");
  const ActivitySnapshot snapshot = activity_.snapshot(*invocations, *log);
  return reply_of(200, "application/json",
                  write_state(config_, snapshot, {started_, system_clock::now()}));
}

}  // namespace phork::emulator
