// SPDX-License-Identifier: MIT
//
// The event that a runtime has received last: how its posts are judged, and the record of its time
// and outcome.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/event/fault.h"
#include "emulator/http/message.h"
#include "emulator/runtime_api/protocol.h"
#include "emulator/runtime_api/stream_relay.h"

namespace phork::emulator {

// The longest event that Lambda hands out.
inline constexpr std::size_t kMaxEventBytes = 6'291'456;
// 200 MiB: the longest streamed answer that Lambda accepts.
inline constexpr std::size_t kMaxStreamedBytes = 209'715'200;
// 6 MiB and 100 bytes: the longest answer that Lambda accepts without streaming.
inline constexpr std::size_t kMaxResponseBytes = 6'291'556;
// 1 MiB: the longest error that Lambda accepts.
inline constexpr std::size_t kMaxErrorBytes = 1'048'576;

// The consequences of a response or error that a runtime posts.
struct PostVerdict {
  HttpReply reply;
  // nullopt: the event is not over; it ends with the process or at its deadline.
  std::optional<EventResult> result;
  RuntimeState state = RuntimeState::kResponseSent;
};

std::size_t post_limit(RuntimeCall call);

// Judges a post that is legal in the current state. Takes the body out of `request`.
PostVerdict judge_post(RuntimeCall call, HttpRequest& request, const std::string& request_id);

// Judges a post that an injected fault fails. 400 and 410: as if it came after the event's
// `timeout`; 413: as if it were too long; reset: as if it were cut off. 403 and 500: as on Lambda,
// no call is legal afterwards.
PostVerdict failed_post(const Fault& fault, RuntimeCall call, const std::string& request_id,
                        std::chrono::milliseconds timeout);

// Opened when the event is handed out, settled when its caller has a result, closed when the
// runtime is done with it too. Kept after that, to tell a late post from one with a wrong id. Not
// thread-safe: the Runtime API server guards it.
class EventUnderWay {
 public:
  // The time since `charged_from`, if given, counts as the event's own.
  EventUnderWay(PendingEvent pending, std::chrono::milliseconds time_limit,
                std::optional<Clock::time_point> charged_from);

  EventId id() const { return pending_.id; }

  const Event& event() const { return pending_.event; }

  const std::string& request_id() const { return pending_.event.request_id; }

  // When the event's time is up; deadline_ms() is the same in milliseconds of the Unix epoch, for
  // the runtime.
  Clock::time_point deadline() const { return charged_from_ + time_limit_; }

  std::int64_t deadline_ms() const { return deadline_ms_; }

  std::chrono::milliseconds time_limit() const { return time_limit_; }

  // True if its response is being streamed.
  bool streaming() const { return streaming_; }

  void begin_stream() { streaming_ = true; }

  // Records the result that the caller gets.
  void settle(const EventResult& result, Clock::time_point now);
  // The same at the end of a streamed response.
  void settle_stream(const EventResult& result, const RelayedStream& relayed,
                     Clock::time_point now);
  // Records the end of the process. Returns the result for a caller that has none yet.
  std::optional<EventResult> settle_at_exit(Ending ending, std::string_view error_type,
                                            std::string_view message, Clock::time_point now);

  // Record what went wrong after the answer.
  void note_error(std::string_view error_type) { record_.error_type = error_type; }

  void note_failure(std::string_view failure) { record_.failure = failure; }

  bool closed() const { return closed_; }

  // It has a result.
  bool settled() const { return settled_; }

  // Completes the record; nullopt after the first call.
  std::optional<EventRecord> close(Clock::time_point now);

 private:
  PendingEvent pending_;
  std::chrono::milliseconds time_limit_;
  Clock::time_point handed_out_;
  Clock::time_point charged_from_;  // earlier than handed_out_ when the event paid for an init
  std::int64_t deadline_ms_ = 0;
  bool streaming_ = false;
  bool settled_ = false;
  bool closed_ = false;
  EventRecord record_;
};

}  // namespace phork::emulator
