// SPDX-License-Identifier: MIT
//
// ApacheBench (ab) as an independent measurement: it sends requests to a URL, or to the local
// Lambda's gateway, and reports its own figures. Waits until ab ends. A failed request is an Error,
// because figures with it mean nothing. https://httpd.apache.org/docs/current/programs/ab.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::bench {

// The figures of ab. Percentiles are of whole requests, including the connection.
struct LoadResult {
  unsigned requests = 0;
  unsigned failed = 0;
  unsigned not_2xx = 0;
  double per_second = 0;
  double mean_ms = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  // Percentiles 0 to 99. Of a hundred requests these are the times of all, shortest first.
  std::vector<std::int64_t> percentiles_us{};
  double cold_start_ms = 0;  // of the local environment that was asked
};

// Parses what ab prints and the table that it writes for `-e`. kInvalid when a figure is missing.
base::Result<LoadResult> read_ab(std::string_view printed, std::string_view percentages);

struct LoadPlan {
  unsigned requests = 100;
  unsigned concurrency = 1;
  unsigned warm_up = 20;  // requests before the measured ones
  std::string path = "/";
};

// The path of ab. kInvalid names the package to install when ab is not in PATH.
base::Result<std::string> find_ab();

// Runs `ab` against the URL, without a warm-up; the plan's path is not used.
base::Result<LoadResult> ask_with_ab(const std::string& ab, const LoadPlan& plan,
                                     const std::string& url);

// Serves the function on a free port of 127.0.0.1 and runs `ab` against it.
base::Result<LoadResult> run_ab(const std::string& ab, const emulator::FunctionConfig& function,
                                const LoadPlan& plan);

}  // namespace phork::bench
