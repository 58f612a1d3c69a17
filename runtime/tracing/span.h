// SPDX-License-Identifier: MIT
//
// A span of a trace, and the two forms in which it leaves. Pure. Holds ids and figures only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/tracing/trace_context.h"

namespace phork::tracing {

using Moment = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

struct Span {
  TraceContext context;  // of its parent
  std::string id;        // 16 hexadecimal digits
  std::string name;      // "boot", "restore", "event" or "refill"
  Moment begin;
  Moment end;
  bool failed = false;
  std::vector<std::pair<std::string, std::string>> texts{};
  std::vector<std::pair<std::string, std::int64_t>> numbers{};
};

// The function that the spans are of.
struct Resource {
  std::string service;   // OTEL_SERVICE_NAME, or the function's name
  std::string function;  // its name, version and region, as Lambda's variables have them
  std::string version;
  std::string region;
};

// A subsegment of the function's segment, in a datagram for X-Ray's daemon.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
std::string xray_datagram(const Span& span);

// A request of OTLP/HTTP in JSON. https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
std::string otlp_request(const std::vector<Span>& spans, const Resource& resource);

}  // namespace phork::tracing
