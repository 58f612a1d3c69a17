// SPDX-License-Identifier: MIT
#include "emulator/event/dispatcher.h"

#include <algorithm>
#include <utility>

namespace phork::emulator {
namespace {

// Forwards a stream to `sink` as it arrives, or collects it when there is no sink.
std::string pass_on(StreamPipe& stream, StreamSink* sink) {
  std::string collected;
  std::string bytes;
  if (sink != nullptr) sink->open(stream.content_type());
  while (stream.read(bytes)) {
    if (sink == nullptr) {
      collected += bytes;
    } else if (!sink->write(bytes)) {
      stream.abandon();
      break;
    }
  }
  return collected;
}

EventResult aborted_result() {
  return {.ending = Ending::kAborted,
          .body = error_json(kCallerGone, "the caller gave up the streamed response"),
          .error_type = std::string(kCallerGone),
          .content_type = "application/json"};
}

}  // namespace

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
  match(true);
  return id;
}

std::optional<EventResult> Dispatcher::wait(EventId id, Clock::time_point deadline,
                                            StreamSink* sink) {
  std::unique_lock lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || !found->second.waiting) return std::nullopt;
  Slot& slot = found->second;
  const auto answered = [&slot] { return slot.result.has_value() || slot.stream.has_value(); };
  slot.changed.wait_until(lock, std::min(deadline, Clock::now() + kQueueTimeout), answered);
  if (on_backlog_ && is_queued(id)) {
    lock.unlock();
    on_backlog_();
    lock.lock();
  }
  if (deadline == Clock::time_point::max()) {
    slot.changed.wait(lock, answered);
  } else {
    slot.changed.wait_until(lock, deadline, answered);
  }
  if (slot.stream) {
    lock.unlock();
    std::string collected = pass_on(*slot.stream, sink);
    lock.lock();
    // A stream that ends without a result was given up by its caller.
    if (!slot.result) slot.result = aborted_result();
    if (sink == nullptr && slot.result->answered()) slot.result->body = std::move(collected);
  }
  std::optional<EventResult> result = std::move(slot.result);
  if (!result) std::erase_if(queue_, [id](const PendingEvent& each) { return each.id == id; });
  slot.waiting = false;
  erase_unused(found);
  return result;
}

void Dispatcher::offer(IdleRuntime& runtime) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(idle_, &runtime);
    idle_.push_back(&runtime);
  }
  match(false);
}

void Dispatcher::withdraw(IdleRuntime& runtime) {
  const std::lock_guard lock(mutex_);
  std::erase(idle_, &runtime);
}

// Hands out events while there are runtimes. Calls deliver() without the lock, so that a runtime
// may call back; an event that deliver() returns goes back to the head of the queue. `more_wait`:
// the backlog may have grown, so call the hook if events are left in the end.
void Dispatcher::match(bool more_wait) {
  while (true) {
    IdleRuntime* runtime = nullptr;
    PendingEvent pending;
    {
      std::unique_lock lock(mutex_);
      if (queue_.empty() || idle_.empty()) {
        const bool tell = more_wait && !queue_.empty() && on_backlog_ != nullptr;
        lock.unlock();
        if (tell) on_backlog_();
        return;
      }
      runtime = idle_.back();
      idle_.pop_back();
      pending = std::move(queue_.front());
      queue_.pop_front();
    }
    std::optional<PendingEvent> returned = runtime->deliver(std::move(pending));
    if (!returned) continue;
    more_wait = true;
    const std::lock_guard lock(mutex_);
    if (closed_) {
      const auto found = slots_.find(returned->id);
      if (found == slots_.end()) continue;
      settle(found->second, stopped_result(returned->event.request_id));
    } else if (slots_.contains(returned->id)) {
      queue_.push_front(std::move(*returned));
    }
  }
}

void Dispatcher::complete(EventId id, EventResult result) {
  const std::lock_guard lock(mutex_);
  if (const auto found = slots_.find(id); found != slots_.end()) {
    settle(found->second, std::move(result));
  }
}

// With mutex_ held.
void Dispatcher::settle(Slot& slot, EventResult result) {
  if (slot.result) return;
  slot.result = std::move(result);
  if (slot.stream) slot.stream->close();
  slot.changed.notify_one();
}

StreamPipe* Dispatcher::open_stream(EventId id, std::string content_type,
                                    std::function<void()> interrupt) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || found->second.result) return nullptr;
  Slot& slot = found->second;
  slot.stream.emplace(std::move(content_type), std::move(interrupt));
  slot.writing = true;
  slot.changed.notify_one();
  return &*slot.stream;
}

void Dispatcher::release_stream(EventId id) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end() || !found->second.writing) return;
  found->second.stream->detach_writer();
  found->second.writing = false;
  erase_unused(found);
}

// A slot with a stream has two users, caller and runtime; the last to leave erases it. With mutex_
// held.
void Dispatcher::erase_unused(std::map<EventId, Slot>::iterator found) {
  if (!found->second.waiting && !found->second.writing) slots_.erase(found);
}

std::optional<PendingEvent> Dispatcher::take_oldest() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  std::optional<PendingEvent> oldest = std::move(queue_.front());
  queue_.pop_front();
  return oldest;
}

// With mutex_ held.
bool Dispatcher::is_queued(EventId id) const {
  return std::ranges::find(queue_, id, &PendingEvent::id) != queue_.end();
}

std::size_t Dispatcher::overdue() const {
  const Clock::time_point limit = Clock::now() - kQueueTimeout;
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      queue_, [limit](const PendingEvent& each) { return each.submitted <= limit; }));
}

std::size_t Dispatcher::backlog() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Dispatcher::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  queue_.clear();
  for (auto& [id, slot] : slots_) settle(slot, stopped_result({}));
}

EventResult Dispatcher::stopped_result(const std::string& request_id) {
  return platform_error(Ending::kNotServed, request_id, kStoppedType, kStoppedMessage);
}

}  // namespace phork::emulator
