// SPDX-License-Identifier: MIT
#include "strategies/worker/messages.h"

#include <utility>

#include "runtime/base/settings.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error unexpected(wire::FrameType came) {
  return Error{ErrorKind::kInvalid, "strategies: hear worker: expected an answer, got frame type " +
                                        std::to_string(static_cast<int>(came))};
}

EventUsage to_usage(const wire::Usage& usage, const wire::Ready& ready) {
  return {usage.minor_faults, usage.php_us, ready.generation, ready.boot_us};
}

Result<Served> read_failure(std::string_view payload, const wire::Ready& ready) {
  auto failed = wire::decode_failed(payload);
  if (!failed) return std::move(failed).error();
  return Served{std::move(failed->failure), to_usage(failed->usage, ready)};
}

Result<Served> read_handler_answer(std::string_view payload, const wire::Ready& ready) {
  const auto answer = wire::decode_answer(payload);
  if (!answer) return answer.error();
  return Served{event::Answer{std::string(answer->json)}, to_usage(answer->usage, ready)};
}

Result<Served> read_response(std::string_view payload, const wire::Ready& ready,
                             http::EventShape shape) {
  auto response = wire::decode_response(payload);
  if (!response) return std::move(response).error();
  const http::Response converted{response->status, std::move(response->headers), response->body};
  return Served{event::Answer{http::write_answer(converted, shape)},
                to_usage(response->usage, ready)};
}

// The event itself may have megabytes, and the worker gets it as a request.
event::Invocation without_event(const event::Invocation& invocation) {
  event::Invocation rest;
  rest.request_id = invocation.request_id;
  rest.invocation_id = invocation.invocation_id;
  rest.deadline = invocation.deadline;
  rest.function_arn = invocation.function_arn;
  rest.trace_id = invocation.trace_id;
  rest.client_context = invocation.client_context;
  rest.cognito_identity = invocation.cognito_identity;
  rest.tenant_id = invocation.tenant_id;
  return rest;
}

}  // namespace

Result<WorkerRequest> make_request(const event::Invocation& invocation, wire::Serves serves,
                                   const Settings& settings) {
  WorkerRequest request;
  if (serves == wire::Serves::kEvents) {
    request.frame = wire::encode(invocation);
    return request;
  }
  const bool scripts = serves == wire::Serves::kScripts;
  auto event = http::read_cgi_event(invocation, settings.routing,
                                    scripts ? base::EntryKind::kScript : base::EntryKind::kHandler);
  if (!event) return std::move(event).error();
  request.shape = event->shape;
  request.body = std::make_unique<const std::string>(std::move(event->body));
  wire::Request message;
  message.invocation = without_event(invocation);
  message.variables = std::move(event->variables);
  message.body = *request.body;
  request.frame = wire::encode(message);
  return request;
}

Result<Served> read_answer(const wire::Frame& frame, const WorkerRequest& request,
                           const wire::Ready& ready, bool streamed) {
  if (frame.type == wire::FrameType::kFailure) return read_failure(frame.payload, ready);
  if (streamed) {
    if (frame.type != wire::FrameType::kStreamEnd) return unexpected(frame.type);
    const auto end = wire::decode_stream_end(frame.payload);
    if (!end) return end.error();
    return Served{event::Streamed{}, to_usage(end->usage, ready)};
  }
  if (frame.type == wire::FrameType::kAnswer && !request.shape) {
    return read_handler_answer(frame.payload, ready);
  }
  if (frame.type == wire::FrameType::kResponse && request.shape) {
    return read_response(frame.payload, ready, *request.shape);
  }
  return unexpected(frame.type);
}

event::Outcome timed_out(const event::Invocation& invocation,
                         const std::optional<http::EventShape>& shape) {
  if (!shape) {
    return event::Failure{
        "Function.Timeout",
        "the event was not answered before its deadline; request_id=" + invocation.request_id,
        {}};
  }
  return event::Answer{http::write_answer(http::gateway_timeout(), *shape)};
}

}  // namespace phork::strategies
