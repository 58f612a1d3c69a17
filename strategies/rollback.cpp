// SPDX-License-Identifier: MIT
#include "strategies/rollback.h"

#include <optional>

#include "runtime/base/log.h"
#include "strategies/worker/forked.h"

namespace phork::strategies {
namespace {

class RollbackStrategy final : public ZygoteStrategy {
 public:
  explicit RollbackStrategy(const Settings& settings)
      : ZygoteStrategy(settings, AfterEvent::kRollBack) {}

  std::optional<event::Failure> boot() override {
    base::log_warn(
        "strategies: rollback is experimental: events share one process, whose memory is put back "
        "after each");
    return ZygoteStrategy::boot();
  }
};

}  // namespace

std::unique_ptr<Strategy> make_rollback(const Settings& settings) {
  return std::make_unique<RollbackStrategy>(settings);
}

}  // namespace phork::strategies
