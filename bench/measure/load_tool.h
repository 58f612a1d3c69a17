// SPDX-License-Identifier: MIT
//
// ApacheBench as a witness that is not ours: it drives the local Lambda's HTTP front, as a person
// would, and its own figures are read. Waits for it. A request that failed is an Error: figures of
// it mean nothing.
#pragma once

#include <string>
#include <string_view>

#include "emulator/event/function_config.h"
#include "runtime/base/result.h"

namespace phork::bench {

// What ab said. Its percentages are of whole requests, connection included.
struct LoadResult {
  unsigned requests = 0;
  unsigned failed = 0;
  unsigned not_2xx = 0;
  double per_second = 0;
  double mean_ms = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
};

// From what it prints, and from the table it writes for `-e`. kInvalid when a figure is missing.
base::Result<LoadResult> read_ab(std::string_view printed, std::string_view percentages);

struct LoadPlan {
  unsigned requests = 100;
  unsigned concurrency = 1;
  unsigned warm_up = 20;  // requests before, which do not count
  std::string path = "/";
};

// Path of the program; kInvalid, naming the package to install, when there is none in PATH.
base::Result<std::string> find_ab();

// Serves the function on a free port of 127.0.0.1, and has `ab` ask it.
base::Result<LoadResult> run_ab(const std::string& ab, const emulator::FunctionConfig& function,
                                const LoadPlan& plan);

}  // namespace phork::bench
