// SPDX-License-Identifier: MIT
//
// Events at once: a fleet of subjects, each driven by a thread of its own, the next event with the
// answer of the last.
#pragma once

#include "bench/measure/sampling.h"
#include "bench/subjects/subject.h"
#include "runtime/base/result.h"

namespace phork::bench {

// Events per second of effort.concurrency subjects within effort.throughput_time, after each has
// warmed up. The first failure of any is the result.
base::Result<double> measure_throughput(const Launch& launch, const Run& run);

}  // namespace phork::bench
