// SPDX-License-Identifier: MIT
#include "strategies/fork.h"

#include <optional>
#include <utility>

#include "strategies/worker_forked.h"
#include "strategies/worker_slot.h"
#include "strategies/worker_zygotes.h"

namespace phork::strategies {
namespace {

class ForkStrategy final : public Strategy {
 public:
  explicit ForkStrategy(const Settings& settings)
      : settings_(settings), zygotes_(settings_, AfterEvent::kEnd) {}

  std::optional<base::Failure> boot() override { return zygotes_.boot(); }

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

std::unique_ptr<Strategy> make_fork(const Settings& settings) {
  return std::make_unique<ForkStrategy>(settings);
}

}  // namespace phork::strategies
