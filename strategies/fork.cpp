// SPDX-License-Identifier: MIT
#include "strategies/fork.h"

#include "strategies/worker/forked.h"

namespace phork::strategies {

std::unique_ptr<Strategy> make_fork(const Settings& settings) {
  return std::make_unique<ZygoteStrategy>(settings, AfterEvent::kEnd);
}

}  // namespace phork::strategies
