// SPDX-License-Identifier: MIT
#include "strategies/rollback.h"

#include <optional>
#include <utility>

#include "runtime/base/log.h"
#include "strategies/worker_forked.h"
#include "strategies/worker_slot.h"
#include "strategies/worker_zygotes.h"

namespace phork::strategies {
namespace {

class RollbackStrategy final : public Strategy {
 public:
  explicit RollbackStrategy(const Settings& settings)
      : settings_(settings), zygotes_(settings_, AfterEvent::kRollBack) {}

  std::optional<base::Failure> boot() override {
    base::log_warn(
        "strategies: rollback is experimental: events share one process, whose memory is put back "
        "after each");
    return zygotes_.boot();
  }

  base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) override {
    auto slot = std::make_unique<WorkerSlot>(make_forked_workers(zygotes_, index, settings_),
                                             settings_, settings_.spares);
    if (const auto failure = slot->open()) {
      return base::Error{base::ErrorKind::kSystem, "strategies: open slot: " + failure->message};
    }
    return std::unique_ptr<Slot>(std::move(slot));
  }

  void shut_down() override { zygotes_.shut_down(); }

 private:
  const Settings settings_;
  Zygotes zygotes_;
};

}  // namespace

std::unique_ptr<Strategy> make_rollback(const Settings& settings) {
  return std::make_unique<RollbackStrategy>(settings);
}

}  // namespace phork::strategies
