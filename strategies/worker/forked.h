// SPDX-License-Identifier: MIT
//
// Workers that are children of a zygote, each forked before its event comes; and the strategies
// that serve every event with one of them, fork and rollback. The two differ only in what a child
// does after its event.
#pragma once

#include <memory>
#include <optional>

#include "strategies/strategy.h"
#include "strategies/worker/zygotes.h"

namespace phork::strategies {

class ForkStrategy final : public Strategy {
 public:
  ForkStrategy(const Settings& settings, AfterEvent after_event)
      : settings_(settings), zygotes_(settings_, after_event) {}

  std::optional<event::Failure> boot() override;
  base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) override;

  void shut_down() override { zygotes_.shut_down(); }

 private:
  const Settings settings_;
  Zygotes zygotes_;
};

}  // namespace phork::strategies
