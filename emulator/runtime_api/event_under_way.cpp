// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/event_under_way.h"

#include <algorithm>
#include <utility>

#include "emulator/runtime_api/protocol.h"

namespace phork::emulator {

using namespace std::chrono;

EventUnderWay::EventUnderWay(PendingEvent pending, milliseconds time_limit,
                             std::optional<Clock::time_point> charged_from)
    : pending_(std::move(pending)), time_limit_(time_limit), handed_out_(Clock::now()) {
  charged_from_ = std::max(charged_from.value_or(handed_out_), pending_.submitted);
  const Clock::duration spent = handed_out_ - charged_from_;
  const auto deadline = time_point_cast<milliseconds>(system_clock::now() + time_limit - spent);
  deadline_ms_ = deadline.time_since_epoch().count();
  record_.request_id = pending_.event.request_id;
  record_.trace_id = pending_.event.trace_id;
  record_.queued = duration_cast<Microseconds>(handed_out_ - pending_.submitted);
}

void EventUnderWay::settle(const EventResult& result, Clock::time_point now) {
  settled_ = true;
  streaming_ = false;
  record_.ending = result.ending;
  record_.error_type = result.error_type;
  record_.latency = duration_cast<Microseconds>(now - handed_out_);
  record_.first_byte = record_.latency;
}

void EventUnderWay::settle_stream(const EventResult& result, const RelayedStream& relayed,
                                  Clock::time_point now) {
  settle(result, now);
  if (!result.answered()) record_.failure = describe_failure(relayed.end);
  record_.streamed = true;
  if (relayed.first_byte) {
    record_.first_byte = duration_cast<Microseconds>(*relayed.first_byte - handed_out_);
  }
}

std::optional<EventResult> EventUnderWay::settle_at_exit(Ending ending, std::string_view error_type,
                                                         std::string_view message,
                                                         Clock::time_point now) {
  std::optional<EventResult> result;
  if (!settled_) {
    // To a response under way an exit is the end of its connection, whichever is seen first.
    result = streaming_ && ending == Ending::kExited
                 ? truncated_result(request_id())
                 : platform_error(ending, request_id(), error_type, message);
    settle(*result, now);
  }
  // An end after the answer is no error of the event, unless it was killed for it.
  if (ending == Ending::kTimedOut) note_error(error_type);
  return result;
}

std::optional<EventRecord> EventUnderWay::close(Clock::time_point now) {
  if (std::exchange(closed_, true)) return std::nullopt;
  record_.billed = duration_cast<Microseconds>(now - charged_from_);
  return record_;
}

}  // namespace phork::emulator
