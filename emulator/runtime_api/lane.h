// SPDX-License-Identifier: MIT
//
// A `next` of the runtime, and the event that it got. A runtime of several slots has one for each
// `next` that it makes at once. Its owner's lock guards it.
#pragma once

#include <optional>
#include <utility>

#include "emulator/event/dispatcher.h"
#include "emulator/http/connection.h"
#include "emulator/runtime_api/event_under_way.h"
#include "emulator/runtime_api/protocol.h"

namespace phork::emulator {

struct Lane;

class LaneOwner {
 public:
  // As IdleRuntime's.
  virtual std::optional<PendingEvent> deliver(Lane& lane, PendingEvent pending) = 0;

 protected:
  ~LaneOwner() = default;
};

struct Lane final : IdleRuntime {
  // Borrows `by`.
  explicit Lane(LaneOwner& by) : owner(by) {}

  std::optional<PendingEvent> deliver(PendingEvent pending) override {
    return owner.deliver(*this, std::move(pending));
  }

  LaneOwner& owner;
  RuntimeState state = RuntimeState::kStarted;
  std::optional<EventUnderWay> current;  // the event that the runtime got last
  HttpConnection* held = nullptr;        // waits in `next`, while its last event is not over
  bool going_on = false;                 // a thread ends its event
  HttpConnection* parked = nullptr;      // waits in `next` for an event, or in restore/next
};

}  // namespace phork::emulator
