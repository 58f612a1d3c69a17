// SPDX-License-Identifier: MIT
//
// The rehearsal of a sealed zygote: its copies play PHORK_WARMUP as its children will serve events,
// so that the zygote knows the classes, patterns and pages of events before the first one comes. A
// copy that dies, exits or hangs costs its own lesson and one line in the log.
#pragma once

#include <cstdint>
#include <functional>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"

namespace phork::sapi {

// The steps of a copy and of the zygote, which are those of every event.
struct PracticeSteps {
  std::function<bool()> enter;  // in a copy, first; false: it cannot serve
  std::function<void(std::uint32_t minor_faults)> leave;  // in a copy, after its event: reports
  std::function<bool()> take_over;                        // in the zygote; true: it has learned
};

// In the sealed zygote, before its first fork for an event, once. Plays the list until a round has
// taught nothing, in at most three rounds, and within the rehearsal's budget. Does nothing when
// PHORK_WARMUP is empty; true when a round was completed.
bool practise(Application& application, const EntryPoint& entry, const PracticeSteps& steps);

}  // namespace phork::sapi
