// SPDX-License-Identifier: MIT
//
// The event that a runtime got last, and the account of it: what it cost and how it ended. Opened
// when the event is handed out, settled when its caller has a result, closed when the runtime is
// done with it too. Kept after that, to tell a late post from one with a wrong id. Owned by the
// Runtime API server, which guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/runtime_api/runtime_state.h"
#include "emulator/runtime_api/stream_relay.h"

namespace phork::emulator {

class EventUnderWay {
 public:
  // What it waited for since `charged_from`, if that is given, counts as its own time.
  EventUnderWay(PendingEvent pending, std::chrono::milliseconds time_limit,
                std::optional<Clock::time_point> charged_from);

  EventId id() const { return pending_.id; }

  const Event& event() const { return pending_.event; }

  const std::string& request_id() const { return pending_.event.request_id; }

  // When it must be over; in milliseconds of the epoch as the runtime is told it.
  Clock::time_point deadline() const { return charged_from_ + time_limit_; }

  std::int64_t deadline_ms() const { return deadline_ms_; }

  std::chrono::milliseconds time_limit() const { return time_limit_; }

  // Its response is on its way.
  bool streaming() const { return streaming_; }

  void begin_stream() { streaming_ = true; }

  // The caller gets this result.
  void settle(const EventResult& result, Clock::time_point now);
  // Likewise, at the end of a streamed response.
  void settle_stream(const EventResult& result, const RelayedStream& relayed,
                     Clock::time_point now);
  // The process ended: what a caller without a result gets, if there is one.
  std::optional<EventResult> settle_at_exit(Ending ending, std::string_view error_type,
                                            std::string_view message, Clock::time_point now);

  // What went wrong after the answer.
  void note_error(std::string_view error_type) { record_.error_type = error_type; }

  void note_failure(std::string_view failure) { record_.failure = failure; }

  bool closed() const { return closed_; }

  // Ends the account, once.
  std::optional<EventRecord> close(Clock::time_point now);

 private:
  PendingEvent pending_;
  std::chrono::milliseconds time_limit_;
  Clock::time_point handed_out_;
  Clock::time_point charged_from_;  // earlier, where it paid for an init
  std::int64_t deadline_ms_ = 0;
  bool streaming_ = false;
  bool settled_ = false;
  bool closed_ = false;
  EventRecord record_;
};

}  // namespace phork::emulator
