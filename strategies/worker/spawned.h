// SPDX-License-Identifier: MIT
//
// Workers that are programs of their own, `php-worker --worker`, each a child of this process; and
// the strategies that serve every event with one of them, exec and prespawn.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "strategies/worker/slot.h"

namespace phork::strategies {

// The worker plays PHORK_WARMUP at boot, or does not.
enum class Rehearse : std::uint8_t { kNo, kYes };

class SpawnStrategy final : public Strategy {
 public:
  // Each slot keeps `spares` workers booted. With 0 an event starts its own worker, and boot()
  // starts none: each event reports that the application does not boot.
  SpawnStrategy(const Settings& settings, unsigned spares, Rehearse rehearse)
      : settings_(settings), spares_(spares), rehearse_(rehearse) {}

  std::optional<event::Failure> boot() override;
  base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) override;

  void shut_down() override { slots_.clear(); }

 private:
  const Settings settings_;
  const unsigned spares_;
  const Rehearse rehearse_;
  std::vector<std::unique_ptr<WorkerSlot>> slots_;  // until open_slot hands them out
};

}  // namespace phork::strategies
