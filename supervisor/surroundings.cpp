// SPDX-License-Identifier: MIT
#include "supervisor/surroundings.h"

#include <chrono>

namespace phork::supervisor {

std::uint64_t Surroundings::traced_now() const {
  if (tracer == nullptr) return 0;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

void Surroundings::trace(unsigned slot, const slot::CostReport& cost) const {
  if (tracer == nullptr) return;
  const auto moment = [](std::uint64_t us) {
    return tracing::Moment(std::chrono::microseconds(static_cast<std::int64_t>(us)));
  };
  tracer->served(slot, {.trace = cost.trace,
                        .request_id = cost.request_id,
                        .strategy = config.strategy->name,
                        .asked = moment(cost.asked_us),
                        .taken = moment(cost.taken_us),
                        .latency = cost.latency,
                        .failed = cost.failed,
                        .php_us = cost.php_us,
                        .minor_faults = cost.minor_faults,
                        .generation = cost.generation,
                        .ready_us = cost.ready_us});
}

}  // namespace phork::supervisor
