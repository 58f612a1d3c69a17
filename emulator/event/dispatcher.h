// SPDX-License-Identifier: MIT
//
// Brings events and idle runtimes together: events wait in the order they came, runtimes that asked
// for `next` wait too, and whichever thread brings the missing half carries the event over. With a
// runtime waiting, the caller's own thread writes the event to the runtime's socket: no hop.
// Any number of callers and of runtimes. Everything may be called from any thread.
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
#include "emulator/event/stream_sink.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Names one submitted event; never used again.
using EventId = std::uint64_t;

struct PendingEvent {
  EventId id = 0;
  Event event;
  Clock::time_point submitted;
};

// Whoever asked for an event and will take it when one comes.
class IdleRuntime : private base::Pinned {
 public:
  IdleRuntime() = default;
  virtual ~IdleRuntime() = default;

  // Takes the event, or gives it back when the runtime is gone by now.
  virtual std::optional<PendingEvent> deliver(PendingEvent pending) = 0;
};

class Dispatcher {
 public:
  // For so long an event may wait for a runtime that has just answered another one.
  static constexpr std::chrono::milliseconds kQueueTimeout{10};

  // Called (without locks) when an event must wait because no runtime is idle, when it has waited
  // for kQueueTimeout, and when one comes back into the queue. Set before use.
  void on_backlog(std::function<void()> hook) { on_backlog_ = std::move(hook); }

  EventId submit(Event event);
  // The result, or nothing when `deadline` passes first; then the event is nobody's any more: it
  // leaves the queue if it is still there, and a later result is dropped. A streamed answer goes to
  // `sink` while it comes, and once it has begun it is waited for to its end; without a sink it is
  // collected, and is the body of the result.
  std::optional<EventResult> wait(EventId id, Clock::time_point deadline = Clock::time_point::max(),
                                  StreamSink* sink = nullptr);

  // `runtime` takes the next event, now or later.
  void offer(IdleRuntime& runtime);
  // Takes an offer back. deliver() may still be under way in another thread.
  void withdraw(IdleRuntime& runtime);
  // The result for the caller; the first one counts. It ends the event's stream.
  void complete(EventId id, EventResult result);

  // The answer comes as a stream: what is written to the pipe reaches the caller. `interrupt` as
  // there. Null when nobody waits for the event. Closed by complete(), and to be given back.
  StreamPipe* open_stream(EventId id, std::string content_type, std::function<void()> interrupt);
  void release_stream(EventId id);

  // The event that waited longest, if any, for complete() without a runtime.
  std::optional<PendingEvent> take_oldest();
  // How many events wait, and how many of them for longer than kQueueTimeout.
  std::size_t backlog() const;
  std::size_t overdue() const;
  // Nothing more is served: what waits and what comes ends as Ending::kNotServed.
  void close();

 private:
  struct Slot {
    std::condition_variable changed;
    std::optional<EventResult> result;
    std::optional<StreamPipe> stream;
    bool writing = false;  // the runtime's side uses the stream
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
  std::vector<IdleRuntime*> idle_;  // the last one is used first: it is the warmest
  std::map<EventId, Slot> slots_;
  EventId last_id_ = 0;
  bool closed_ = false;
};

}  // namespace phork::emulator
