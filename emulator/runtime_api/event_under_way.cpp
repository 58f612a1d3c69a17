// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/event_under_way.h"

#include <algorithm>
#include <utility>

#include "emulator/observe/log_lines.h"
#include "emulator/runtime_api/protocol.h"

namespace phork::emulator {
namespace {

PostVerdict too_large(RuntimeCall call) {
  const std::size_t limit = post_limit(call);
  return {too_large_reply(limit), too_large_result(limit), RuntimeState::kResponseSent};
}

PostVerdict too_late(HttpReply reply, const std::string& request_id,
                     std::chrono::milliseconds timeout) {
  return {std::move(reply),
          platform_error(Ending::kTimedOut, request_id, kTimedOutType, timed_out_message(timeout)),
          RuntimeState::kResponseSent};
}

}  // namespace

std::size_t post_limit(RuntimeCall call) {
  return call == RuntimeCall::kError ? kMaxErrorBytes : kMaxResponseBytes;
}

PostVerdict judge_post(RuntimeCall call, HttpRequest& request, const std::string& request_id) {
  if (!response_mode(request).empty() && !is_streaming(request)) {
    constexpr std::string_view kType = "Runtime.InvalidResponseModeHeader";
    return {refusal(400, "InvalidFunctionResponseMode", "Invalid function response mode"),
            platform_error(Ending::kFailed, request_id, kType, "expected response mode streaming"),
            RuntimeState::kResponding};
  }
  if (request.body_truncated) {
    return {truncated_request(), truncated_result(request_id), RuntimeState::kResponding};
  }
  if (request.body_too_large) return too_large(call);
  EventResult result;
  result.content_type = request.header("content-type");
  result.body = std::move(request.body);
  result.ending = Ending::kAnswered;
  if (call == RuntimeCall::kError) {
    result.ending = Ending::kFailed;
    result.error_type = valid_error_type(request.header("lambda-runtime-function-error-type"));
  }
  return {accepted(), std::move(result), RuntimeState::kResponseSent};
}

PostVerdict failed_post(const Fault& fault, RuntimeCall call, const std::string& request_id,
                        std::chrono::milliseconds timeout) {
  const std::string injected = "injected by fault " + fault.spec;
  switch (fault.status) {
    case 400:
      return too_late(invalid_request_id(), request_id, timeout);
    case 403:
      return {refusal(403, "InvalidStateTransition", injected), std::nullopt,
              RuntimeState::kResponding};
    case 410:
      return too_late(refusal(410, "InvokeTimeout", "Invoke timeout"), request_id, timeout);
    case 413:
      return too_large(call);
    case 500:
      return {refusal(500, "InternalServerError", injected), std::nullopt,
              RuntimeState::kResponding};
    default:
      break;
  }
  return {truncated_request(), truncated_result(request_id), RuntimeState::kResponseSent};
}

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
    // An exit during a response also cuts its connection; report the same whichever is seen first.
    result = streaming_ && ending == Ending::kExited
                 ? truncated_result(request_id())
                 : platform_error(ending, request_id(), error_type, message);
    settle(*result, now);
  }
  // An exit after the answer is no error of the event; a timeout after the answer is one.
  if (ending == Ending::kTimedOut) note_error(error_type);
  return result;
}

std::optional<EventRecord> EventUnderWay::close(Clock::time_point now) {
  if (std::exchange(closed_, true)) return std::nullopt;
  record_.billed = duration_cast<Microseconds>(now - charged_from_);
  return record_;
}

}  // namespace phork::emulator
