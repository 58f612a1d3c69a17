// SPDX-License-Identifier: MIT
//
// The trace that an event belongs to, from X-Ray's header or from W3C's. Pure.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
// https://www.w3.org/TR/trace-context/#traceparent-header
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace phork::tracing {

struct TraceContext {
  std::string trace_id;   // 32 hexadecimal digits, in lower case, as W3C writes them
  std::string parent_id;  // 16 of them
  bool sampled = false;

  // "1-5759e988-bd862e3fe1be46a994272793"
  std::string xray_trace_id() const;
};

// Reads "Root=1-..;Parent=..;Sampled=1" or "00-..-..-01". Nothing when it is neither: events may
// carry what their callers made up.
std::optional<TraceContext> read_context(std::string_view header);

// 16 hexadecimal digits, random.
std::string make_span_id();

}  // namespace phork::tracing
