// SPDX-License-Identifier: MIT
//
// The report of `phork bench --url`: what callers of a deployed function have waited, and what its
// log says that its events took and cost. Pure.
#pragma once

#include <optional>
#include <string>

#include "bench/measure/function_log.h"
#include "bench/measure/load_tool.h"

namespace phork::bench {

struct DeployedReport {
  std::string url;
  unsigned concurrency = 1;
  std::optional<LoadResult> load;  // of the URL
  std::string log_file;
  std::optional<FunctionLog> log;
};

std::string to_text(const DeployedReport& report);
std::string to_json(const DeployedReport& report);

}  // namespace phork::bench
