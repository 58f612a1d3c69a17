// SPDX-License-Identifier: MIT
//
// The log of a deployed function, as CloudWatch keeps it: Lambda's REPORT lines, as text or as the
// JSON objects of functions whose log format is JSON. Tools write a time and a stream in front of
// each line, which are passed over, as are all other lines. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/php-logging.html
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
#pragma once

#include <cstddef>
#include <string_view>

#include "bench/measure/statistics.h"
#include "runtime/base/result.h"

namespace phork::bench {

struct FunctionLog {
  std::size_t errors = 0;  // events that failed or timed out
  Samples duration_us;     // of each event
  Samples billed_us;       // of each event; whole milliseconds, INIT of the first one included
  Samples init_us;         // of each cold start
  Samples restore_us;      // of each start from a snapshot
  double memory_mb = 0;    // size of the function
  double used_mb = 0;      // the most that an environment has used

  std::size_t events() const { return duration_us.size(); }
};

// kInvalid when there is no REPORT line, or one without a duration.
base::Result<FunctionLog> read_function_log(std::string_view text);

}  // namespace phork::bench
