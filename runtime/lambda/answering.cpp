// SPDX-License-Identifier: MIT
#include "runtime/lambda/answering.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/base/log.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/error_report.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;

event::Failure bug(const char* what) {
  return {"Runtime.Bug", std::string("lambda: answer: ") + what + " [bug]", {}};
}

// An answer that is too large becomes an error that the caller can read, instead of a 413 that
// says nothing to the caller.
std::optional<event::Failure> failure_of(event::Outcome& outcome) {
  if (auto* failure = std::get_if<event::Failure>(&outcome)) return std::move(*failure);
  const auto* made = std::get_if<event::Answer>(&outcome);
  if (made == nullptr) return bug("expected a whole answer, got a stream that was never begun");
  if (made->body.size() <= kMaxAnswerBytes) return std::nullopt;
  return event::Failure{"Function.ResponseSizeTooLarge",
                        "the answer has " + std::to_string(made->body.size()) +
                            " bytes, Lambda takes at most " + std::to_string(kMaxAnswerBytes),
                        {}};
}

// The reason why the stream stopped comes first: a failure of the event may be its consequence.
std::optional<event::Failure> failure_of(event::Outcome& outcome, const StreamedAnswer& stream) {
  if (stream.shortfall()) return stream.shortfall();
  if (auto* failure = std::get_if<event::Failure>(&outcome)) return std::move(*failure);
  if (std::holds_alternative<event::Streamed>(outcome)) return std::nullopt;
  return bug("expected the end of the stream that was begun, got a whole answer");
}

void log_failure(const std::optional<event::Failure>& failure,
                 const event::Invocation& invocation) {
  if (failure) event::log_failure("event failed", *failure, &invocation);
}

void log_loss(const base::Error& error, const event::Invocation& invocation) {
  const std::string text = "the caller went away before the end of the answer: " + error.text;
  base::log({.level = base::LogLevel::kWarn,
             .request_id = invocation.request_id,
             .tenant_id = invocation.tenant_id,
             .text = text});
}

std::string sized(const char* what, std::size_t bytes) {
  return std::string(what) + " of " + std::to_string(bytes) + " bytes";
}

}  // namespace

base::Status StreamedAnswer::begin(const std::string& content_type) {
  if (begun_) return Error{ErrorKind::kInvalid, "lambda: stream: begun twice [bug]"};
  begun_ = true;
  auto opened = api_.begin_stream(invocation_, content_type);
  is_open_ = opened.ok();
  if (is_open_ && when_open_) when_open_();
  return is_open_ ? base::ok_status() : stop(std::move(opened).error());
}

base::Status StreamedAnswer::write(std::string_view bytes, base::Deadline deadline) {
  if (!begun_) return Error{ErrorKind::kInvalid, "lambda: stream: written before begun [bug]"};
  if (error_) return *error_;
  if (bytes.size() > limit_bytes_ - written_bytes_) {
    const std::string text =
        "the answer has more than the " + std::to_string(limit_bytes_) + " bytes that Lambda takes";
    shortfall_ = {"Function.ResponseSizeTooLarge", text, {}};
    return stop({ErrorKind::kRefused, "lambda: stream: " + text});
  }
  written_bytes_ += bytes.size();
  auto written = api_.write_stream(bytes, deadline);
  if (written.ok()) return written;
  if (written.error().kind == ErrorKind::kTimeout) {
    shortfall_ = {"Function.Timeout", "the answer was not read in time", {}};
  }
  return stop(std::move(written).error());
}

base::Result<Posted> StreamedAnswer::end(const event::Failure* failure) {
  if (!is_open_) return *error_;
  return api_.end_stream(failure);
}

base::Status StreamedAnswer::stop(Error error) {
  error_ = std::move(error);
  return *error_;
}

void log_refusal(const Posted& posted, const std::string& what,
                 const event::Invocation& invocation) {
  if (posted.accepted()) return;
  event::log_error("lambda: " + what + " not taken: " + posted.refusal(), invocation);
}

base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome) {
  const auto failure = failure_of(outcome);
  log_failure(failure, invocation);
  const auto posted = failure ? api.fail(invocation, *failure)
                              : api.respond(invocation, std::get<event::Answer>(outcome));
  if (!posted) return posted.error();
  if (posted->accepted()) return base::ok_status();
  log_refusal(posted.value(),
              failure ? sized("error", error_body(*failure).size())
                      : sized("answer", std::get<event::Answer>(outcome).body.size()),
              invocation);
  return base::ok_status();
}

base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome,
                    StreamedAnswer& stream) {
  if (!stream.begun()) return answer(api, invocation, std::move(outcome));
  const auto failure = failure_of(outcome, stream);
  log_failure(failure, invocation);
  const auto posted = stream.end(failure ? &*failure : nullptr);
  if (posted) {
    log_refusal(posted.value(), sized("streamed answer", stream.written_bytes()), invocation);
  } else {
    log_loss(posted.error(), invocation);
  }
  return base::ok_status();
}

}  // namespace phork::lambda
