// SPDX-License-Identifier: MIT
#include "strategies/exec.h"

#include "strategies/worker/slot.h"
#include "strategies/worker/spawn.h"

namespace phork::strategies {
namespace {

class ExecStrategy final : public Strategy {
 public:
  explicit ExecStrategy(const Settings& settings) : settings_(settings) {}

  // An application that cannot boot is told by each event.
  std::optional<event::Failure> boot() override { return std::nullopt; }

  base::Result<std::unique_ptr<Slot>> open_slot(unsigned /*index*/) override {
    return std::unique_ptr<Slot>(
        std::make_unique<WorkerSlot>(make_spawned_workers(settings_, Rehearse::kNo), settings_, 0));
  }

  void shut_down() override {}

 private:
  const Settings settings_;
};

}  // namespace

std::unique_ptr<Strategy> make_exec(const Settings& settings) {
  return std::make_unique<ExecStrategy>(settings);
}

}  // namespace phork::strategies
