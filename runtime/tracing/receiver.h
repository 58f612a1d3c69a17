// SPDX-License-Identifier: MIT
//
// Where spans go, as PHORK_TRACE and the variables of X-Ray and OpenTelemetry say.
#pragma once

#include <chrono>
#include <string>

#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/variables.h"
#include "runtime/tracing/span.h"

namespace phork::tracing {

struct Receiver {
  base::Trace format = base::Trace::kOff;
  lambda::Endpoint endpoint;
  // Of HTTP.
  std::string path;
  std::string header_lines;  // besides the content type; with their line ends
  // To connect, and to answer. A collector in the same environment does that within a millisecond.
  std::chrono::milliseconds timeout{100};
  Resource resource;
};

// Reads the environment; the variables of a receiver count only when PHORK_TRACE chooses it. An
// error (kInvalid) names the variable and what was expected, not its value, which may have a key.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
// https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-configuration.html
base::Result<Receiver> read_receiver();

}  // namespace phork::tracing
