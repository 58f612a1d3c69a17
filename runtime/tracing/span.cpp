// SPDX-License-Identifier: MIT
#include "runtime/tracing/span.h"

#include "runtime/base/json_writer.h"

namespace phork::tracing {
namespace {

using base::JsonWriter;

double seconds(Moment moment) {
  return std::chrono::duration<double>(moment.time_since_epoch()).count();
}

// 64-bit numbers are strings in the JSON of Protocol Buffers.
std::string nanoseconds(Moment moment) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count());
}

void add_text(JsonWriter& json, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  json.begin_object().field("key", key).key("value").begin_object();
  json.field("stringValue", value).end_object().end_object();
}

void add_number(JsonWriter& json, std::string_view key, std::int64_t value) {
  json.begin_object().field("key", key).key("value").begin_object();
  json.field("intValue", std::to_string(value)).end_object().end_object();
}

void add_span(JsonWriter& json, const Span& span) {
  constexpr int kInternal = 1;  // SpanKind; Lambda's own span is the server's
  constexpr int kError = 2;     // StatusCode
  json.begin_object().field("traceId", span.context.trace_id).field("spanId", span.id);
  json.field("parentSpanId", span.context.parent_id).field("name", "phork " + span.name);
  json.key("kind").integer(kInternal);
  json.field("startTimeUnixNano", nanoseconds(span.begin));
  json.field("endTimeUnixNano", nanoseconds(span.end));
  json.key("attributes").begin_array();
  for (const auto& [key, value] : span.texts) add_text(json, key, value);
  for (const auto& [key, value] : span.numbers) add_number(json, key, value);
  json.end_array();
  json.key("status").begin_object();
  if (span.failed) json.key("code").integer(kError);
  json.end_object().end_object();
}

}  // namespace

// Annotations are searched by, and have no dots in their names; figures are metadata.
std::string xray_datagram(const Span& span) {
  constexpr int kMicroseconds = 6;
  JsonWriter json;
  json.begin_object().field("trace_id", span.context.xray_trace_id()).field("id", span.id);
  json.field("parent_id", span.context.parent_id).field("type", "subsegment");
  json.field("name", "phork " + span.name);
  json.key("start_time").number(seconds(span.begin), kMicroseconds);
  json.key("end_time").number(seconds(span.end), kMicroseconds);
  if (span.failed) json.key("fault").boolean(true);
  json.key("metadata").begin_object().key("phork").begin_object();
  for (const auto& [key, value] : span.texts) json.field(key, value);
  for (const auto& [key, value] : span.numbers) json.key(key).integer(value);
  json.end_object().end_object().end_object();
  return "{\"format\":\"json\",\"version\":1}\n" + json.text();
}

std::string otlp_request(const std::vector<Span>& spans, const Resource& resource) {
  JsonWriter json;
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  add_text(json, "service.name", resource.service);
  add_text(json, "cloud.provider", "aws");
  add_text(json, "cloud.platform", "aws_lambda");
  add_text(json, "cloud.region", resource.region);
  add_text(json, "faas.name", resource.function);
  add_text(json, "faas.version", resource.version);
  json.end_array().end_object();
  json.key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().field("name", "phork").field("version", PHORK_VERSION);
  json.end_object().key("spans").begin_array();
  for (const Span& span : spans) add_span(json, span);
  json.end_array().end_object().end_array();
  json.end_object().end_array().end_object();
  return std::move(json).text();
}

}  // namespace phork::tracing
