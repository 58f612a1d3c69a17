// SPDX-License-Identifier: MIT
//
// `phork bench --url` and `phork bench --log`: measures a function that is deployed already, with
// ab and by the REPORT lines of its log. Two runs may do the two, as a log is complete some seconds
// after the requests.
#pragma once

#include "cli/bench.h"

namespace phork::cli {

// The report goes to stdout.
ExitCode bench_deployed(const BenchOptions& options);

}  // namespace phork::cli
