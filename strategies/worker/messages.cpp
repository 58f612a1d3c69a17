// SPDX-License-Identifier: MIT
#include "strategies/worker/messages.h"

#include <chrono>
#include <utility>

#include "runtime/base/exit_code.h"
#include "runtime/base/settings.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error unexpected(const char* what, wire::FrameType got) {
  return Error{ErrorKind::kInvalid, std::string("strategies: read ") + what + ", got frame type " +
                                        std::to_string(static_cast<int>(got))};
}

Error no_answer(wire::FrameType got) {
  return unexpected("answer: expected an answer", got);
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

// A worker that gets the event as an HTTP request does not need its JSON, which may be megabytes.
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

EventDeadlines event_deadlines(const event::Invocation& invocation, const Settings& settings) {
  using std::chrono::duration_cast;
  using std::chrono::steady_clock;
  const auto left =
      duration_cast<steady_clock::duration>(invocation.deadline - std::chrono::system_clock::now());
  const auto margin = duration_cast<steady_clock::duration>(settings.deadline_margin);
  const base::Deadline end = steady_clock::now() + left;
  return {end - margin, end - margin * 2 / 5};
}

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
    if (frame.type != wire::FrameType::kStreamEnd) return no_answer(frame.type);
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
  return no_answer(frame.type);
}

std::optional<event::Failure> read_boot_message(const std::string& bytes) {
  const auto unreadable = [](const Error& error) {
    return event::Failure{"Runtime.BootFailed", error.text, {}};
  };
  const auto frame = wire::parse_message(bytes);
  if (!frame) return unreadable(frame.error());
  if (frame->type == wire::FrameType::kReady) return std::nullopt;
  if (frame->type != wire::FrameType::kBootFailed) {
    return unreadable(unexpected("boot message: expected Ready or BootFailed", frame->type));
  }
  auto failed = wire::decode_failed(frame->payload);
  if (!failed) return unreadable(failed.error());
  return std::move(failed->failure);
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

event::Failure boot_timed_out(const Settings& settings) {
  return {
      "Runtime.BootTimeout",
      "the application did not boot within " + std::to_string(settings.boot_timeout.count()) + " s",
      {}};
}

event::Failure death_failure(const std::optional<process::ExitStatus>& status) {
  if (!status) return worker_lost("ended, and its exit status is unknown");
  if (status->kind == process::ExitStatus::Kind::kSignalled) {
    return {"Runtime.WorkerKilled", "the PHP worker was killed by " + status->describe(), {}};
  }
  // php-worker ends so when its channel fails, gets an invalid frame, or a system call fails.
  if (status->code == base::kSystemFailed) {
    return worker_lost("ended because its channel or the system failed: " + status->describe());
  }
  return {
      "Runtime.HandlerExited", "the PHP worker ended without an answer: " + status->describe(), {}};
}

event::Failure worker_lost(const std::string& deed) {
  return {"Runtime.WorkerLost", "the PHP worker " + deed, {}};
}

}  // namespace phork::strategies
