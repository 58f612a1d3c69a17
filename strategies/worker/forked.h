// SPDX-License-Identifier: MIT
//
// Events in children of a zygote, forked before their event comes. What becomes of a child after
// its event is all that the strategies built on this differ in.
#pragma once

#include <memory>
#include <optional>

#include "strategies/strategy.h"
#include "strategies/worker/zygotes.h"

namespace phork::strategies {

class ZygoteStrategy : public Strategy {
 public:
  ZygoteStrategy(const Settings& settings, AfterEvent after_event)
      : settings_(settings), zygotes_(settings_, after_event) {}

  std::optional<event::Failure> boot() override { return zygotes_.boot(); }

  base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) override;

  void shut_down() override { zygotes_.shut_down(); }

 private:
  const Settings settings_;
  Zygotes zygotes_;
};

}  // namespace phork::strategies
