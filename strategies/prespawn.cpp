// SPDX-License-Identifier: MIT
#include "strategies/prespawn.h"

#include <utility>
#include <vector>

#include "strategies/worker/slot.h"
#include "strategies/worker/spawn.h"

namespace phork::strategies {
namespace {

class PrespawnStrategy final : public Strategy {
 public:
  explicit PrespawnStrategy(const Settings& settings) : settings_(settings) {}

  std::optional<event::Failure> boot() override {
    for (unsigned index = 0; index < settings_.slots; ++index) {
      auto slot = std::make_unique<WorkerSlot>(make_spawned_workers(settings_, Rehearse::kYes),
                                               settings_, settings_.spares);
      if (auto failure = slot->open()) return failure;
      slots_.push_back(std::move(slot));
    }
    return std::nullopt;
  }

  base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) override {
    return std::unique_ptr<Slot>(std::move(slots_.at(index)));
  }

  void shut_down() override { slots_.clear(); }

 private:
  const Settings settings_;
  std::vector<std::unique_ptr<WorkerSlot>> slots_;  // until they are opened
};

}  // namespace

std::unique_ptr<Strategy> make_prespawn(const Settings& settings) {
  return std::make_unique<PrespawnStrategy>(settings);
}

}  // namespace phork::strategies
