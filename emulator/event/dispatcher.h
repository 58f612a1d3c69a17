// SPDX-License-Identifier: MIT
//
// Matches events with idle runtimes. Events queue in the order they arrive, and so do runtimes
// blocked in `next`; the thread that brings the missing half hands the event over. When a runtime
// is already waiting, the caller's own thread writes the event to the runtime's socket, without a
// change of threads. Any number of callers and runtimes; every function may be called from any
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/stream_pipe.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Identifies one submitted event; never reused.
using EventId = std::uint64_t;

struct PendingEvent {
  EventId id = 0;
  Event event;
  Clock::time_point submitted;
};

// A runtime blocked in `next`.
class IdleRuntime : private base::Pinned {
 public:
  IdleRuntime() = default;
  virtual ~IdleRuntime() = default;

  // Takes the event, or returns it when the runtime is gone.
  virtual std::optional<PendingEvent> deliver(PendingEvent pending) = 0;
};

class Dispatcher {
 public:
  // How long an event may wait for a runtime that has just answered another event, before another
  // environment is started for it.
  static constexpr std::chrono::milliseconds kQueueTimeout{10};

  // `hook` is called, without locks held, when an event must wait because no runtime is idle, when
  // it has waited for kQueueTimeout, and when an event returns to the queue. Set it before use.
  void on_backlog(std::function<void()> hook) { on_backlog_ = std::move(hook); }

  EventId submit(Event event);
  // The result of the event, or nullopt when `deadline` passes first: the event then leaves the
  // queue if it is still there, and a later result is dropped. A streamed answer goes to `sink`
  // while it arrives; once it has begun, wait() returns only at its end, deadline or not. Without a
  // sink the answer is collected in the body of the result.
  std::optional<EventResult> wait(EventId id, Clock::time_point deadline = Clock::time_point::max(),
                                  StreamSink* sink = nullptr);

  // `runtime` takes the next event, now or later.
  void offer(IdleRuntime& runtime);
  // Takes back an offer. deliver() may still be running in another thread.
  void withdraw(IdleRuntime& runtime);
  // Sets the result for the caller, and ends the event's stream. Only the first result counts.
  void complete(EventId id, EventResult result);

  // Begins a streamed answer: bytes written to the pipe reach the caller. `interrupt`: see
  // StreamPipe. Null when nobody waits for the event. complete() closes the pipe; the writer must
  // call release_stream() in the end.
  StreamPipe* open_stream(EventId id, std::string content_type, std::function<void()> interrupt);
  void release_stream(EventId id);

  // Removes the event that has waited longest, if any, for complete() without a runtime.
  std::optional<PendingEvent> take_oldest();
  // How many events wait, and how many of them longer than kQueueTimeout.
  std::size_t backlog() const;
  std::size_t overdue() const;
  // Stops serving: waiting and later events end as Ending::kNotServed.
  void close();

 private:
  struct Slot {
    std::condition_variable changed;
    std::optional<EventResult> result;
    std::optional<StreamPipe> stream;
    bool writing = false;  // open_stream() to release_stream()
    bool waiting = true;   // the caller still wants the result
  };

  void match(bool more_wait);
  bool is_queued(EventId id) const;
  void settle(Slot& slot, EventResult result);
  void erase_unused(std::map<EventId, Slot>::iterator found);
  static EventResult stopped_result(const std::string& request_id);

  std::function<void()> on_backlog_;
  mutable std::mutex mutex_;  // guards what follows
  std::deque<PendingEvent> queue_;
  std::vector<IdleRuntime*> idle_;  // the last is used first: its caches are the warmest
  std::map<EventId, Slot> slots_;
  EventId last_id_ = 0;
  bool closed_ = false;
};

}  // namespace phork::emulator
