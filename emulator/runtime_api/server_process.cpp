// SPDX-License-Identifier: MIT
//
// The runtime's process from start to end, and its state as a whole.
#include <algorithm>
#include <utility>

#include "emulator/observe/log_lines.h"
#include "emulator/runtime_api/server.h"

namespace phork::emulator {

void RuntimeApiServer::process_started() {
  server_.drop_connections();  // they may hold requests of the previous process
  injector_.process_started();
  const std::lock_guard lock(mutex_);
  charge_from_.reset();
  retiring_ = false;
  snapshot_told_ = false;
  init_told_ = false;
  lanes_used_ = 0;
  for (Lane& lane : lanes_) {
    lane.state = RuntimeState::kStarted;
    lane.held = nullptr;
    lane.parked = nullptr;
  }
}

void RuntimeApiServer::process_ended(Ending ending, std::string_view error_type,
                                     std::string_view message) {
  withdraw_all();
  injector_.process_ended();
  std::vector<EventRecord> records;
  std::vector<std::pair<EventId, EventResult>> results;
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    for (Lane& lane : lanes_) {
      const RuntimeState state = std::exchange(lane.state, RuntimeState::kEnded);
      lane.held = nullptr;
      lane.parked = nullptr;
      if (!lane.current || lane.current->closed()) continue;
      auto result = lane.current->settle_at_exit(ending, error_type, message, now);
      if (ending == Ending::kExited && state == RuntimeState::kResponding) {
        lane.current->note_failure(message);
      }
      if (result) results.emplace_back(lane.current->id(), std::move(*result));
      records.push_back(*lane.current->close(now));
    }
  }
  for (auto& [id, result] : results) dispatcher_.complete(id, std::move(result));
  for (const EventRecord& record : records) observer_.finished(record);
}

// The lanes stay where they are as long as this does.
void RuntimeApiServer::withdraw_all() {
  std::vector<Lane*> lanes;
  {
    const std::lock_guard lock(mutex_);
    for (Lane& lane : lanes_) lanes.push_back(&lane);
  }
  for (Lane* const lane : lanes) dispatcher_.withdraw(*lane);
}

void RuntimeApiServer::retire() {
  const std::lock_guard lock(mutex_);
  retiring_ = true;
}

bool RuntimeApiServer::retiring() const {
  const std::lock_guard lock(mutex_);
  return retiring_;
}

bool RuntimeApiServer::end_if_idle() {
  {
    const std::lock_guard lock(mutex_);
    const auto waits = [](const Lane& lane) { return lane.parked != nullptr; };
    const auto unused = [](const Lane& lane) { return lane.state == RuntimeState::kStarted; };
    if (std::ranges::none_of(lanes_, waits)) return false;
    if (!std::ranges::all_of(lanes_, [&](const Lane& lane) { return waits(lane) || unused(lane); }))
      return false;
    for (Lane& lane : lanes_) {
      lane.state = RuntimeState::kEnded;
      lane.parked = nullptr;
    }
  }
  withdraw_all();
  return true;
}

void RuntimeApiServer::charge_from(Clock::time_point init_started) {
  const std::lock_guard lock(mutex_);
  charge_from_ = init_started;
}

RuntimeState RuntimeApiServer::state() const {
  const std::lock_guard lock(mutex_);
  RuntimeState state = RuntimeState::kStarted;
  for (const Lane& lane : lanes_) {
    if (lane.state != RuntimeState::kStarted) state = lane.state;
    if (state != RuntimeState::kStarted && state != RuntimeState::kReady) break;
  }
  return state;
}

std::optional<Clock::time_point> RuntimeApiServer::deadline() const {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> first;
  for (const Lane& lane : lanes_) {
    if (!lane.current || lane.current->closed() || expired(lane)) continue;
    first = std::min(first.value_or(Clock::time_point::max()), lane.current->deadline());
  }
  return first;
}

void RuntimeApiServer::expire() {
  std::vector<std::pair<EventId, EventResult>> results;
  {
    const std::lock_guard lock(mutex_);
    const Clock::time_point now = Clock::now();
    for (Lane& lane : lanes_) {
      if (!lane.current || lane.current->settled() || now < lane.current->deadline()) continue;
      EventResult result = platform_error(Ending::kTimedOut, lane.current->request_id(),
                                          kTimedOutType, timed_out_message(options_.timeout));
      lane.current->settle(result, now);
      results.emplace_back(lane.current->id(), std::move(result));
    }
  }
  for (auto& [id, result] : results) dispatcher_.complete(id, std::move(result));
}

// True for an event that has timed out while the runtime goes on. With mutex_ held.
bool RuntimeApiServer::expired(const Lane& lane) const {
  return options_.slots > 1 && lane.state == RuntimeState::kRunning && lane.current->settled();
}

}  // namespace phork::emulator
