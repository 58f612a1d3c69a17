// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/post_verdict.h"

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

}  // namespace phork::emulator
