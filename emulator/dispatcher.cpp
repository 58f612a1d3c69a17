// SPDX-License-Identifier: MIT
#include "emulator/dispatcher.h"

#include <algorithm>
#include <utility>

namespace phork::emulator {

EventId Dispatcher::submit(Event event) {
  if (event.request_id.empty()) event.request_id = make_uuid();
  if (event.invocation_id.empty()) event.invocation_id = make_uuid();
  if (event.trace_id.empty()) event.trace_id = make_trace_id();
  EventId id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
    Slot& slot = slots_[id];
    if (closed_) {
      slot.result = stopped_result(event.request_id);
      return id;
    }
    queue_.push_back({id, std::move(event), Clock::now()});
  }
  match();
  if (on_backlog_ && has_backlog()) on_backlog_();
  return id;
}

std::optional<EventResult> Dispatcher::wait(EventId id, Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) return std::nullopt;
  Slot& slot = found->second;
  const auto done = [&slot] { return slot.result.has_value(); };
  if (deadline == Clock::time_point::max()) {
    slot.changed.wait(lock, done);
  } else {
    slot.changed.wait_until(lock, deadline, done);
  }
  std::optional<EventResult> result = std::move(slot.result);
  slots_.erase(found);
  if (!result) std::erase_if(queue_, [id](const PendingEvent& each) { return each.id == id; });
  return result;
}

void Dispatcher::offer(IdleRuntime& runtime) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(idle_, &runtime);
    idle_.push_back(&runtime);
  }
  match();
}

void Dispatcher::withdraw(IdleRuntime& runtime) {
  const std::lock_guard lock(mutex_);
  std::erase(idle_, &runtime);
}

// Hands events out while there is a runtime for each. deliver() is called without the lock, so that
// a runtime may call back; an event that comes back keeps its place at the head of the queue.
void Dispatcher::match() {
  while (true) {
    IdleRuntime* runtime = nullptr;
    PendingEvent pending;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty() || idle_.empty()) return;
      runtime = idle_.back();
      idle_.pop_back();
      pending = std::move(queue_.front());
      queue_.pop_front();
    }
    std::optional<PendingEvent> returned = runtime->deliver(std::move(pending));
    if (!returned) continue;
    const std::lock_guard lock(mutex_);
    if (closed_) {
      const auto found = slots_.find(returned->id);
      if (found == slots_.end()) continue;
      found->second.result = stopped_result(returned->event.request_id);
      found->second.changed.notify_one();
    } else if (slots_.contains(returned->id)) {
      queue_.push_front(std::move(*returned));
    }
  }
}

void Dispatcher::complete(EventId id, EventResult result) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.result) return;
  found->second.result = std::move(result);
  found->second.changed.notify_one();
}

bool Dispatcher::fail_next(const std::function<EventResult(const std::string&)>& make) {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return false;
  const PendingEvent pending = std::move(queue_.front());
  queue_.pop_front();
  if (const auto found = slots_.find(pending.id); found != slots_.end()) {
    found->second.result = make(pending.event.request_id);
    found->second.changed.notify_one();
  }
  return true;
}

bool Dispatcher::has_backlog() const {
  const std::lock_guard lock(mutex_);
  return !queue_.empty();
}

void Dispatcher::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  queue_.clear();
  for (auto& [id, slot] : slots_) {
    if (!slot.result) slot.result = stopped_result({});
    slot.changed.notify_one();
  }
}

EventResult Dispatcher::stopped_result(const std::string& request_id) {
  return platform_error(Ending::kNotServed, request_id, "Emulator.Stopped", "phork is stopping");
}

}  // namespace phork::emulator
