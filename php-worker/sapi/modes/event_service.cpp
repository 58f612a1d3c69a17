// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/event_service.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <variant>

#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"
#include "runtime/http/compression.h"
#include "runtime/lambda/answering.h"
#include "runtime/slot/report.h"

namespace phork::sapi {
namespace {

lambda::RuntimeApi* stopped_api = nullptr;
slot::WorkerSide* stopped_slot = nullptr;

std::string value_of(const std::vector<event::NameValue>& variables, std::string_view name) {
  const auto found = std::ranges::find(variables, name, &event::NameValue::name);
  return found == variables.end() ? std::string() : found->value;
}

std::uint64_t microseconds_since_1970() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

// The answer of one event on its way from this process to the Runtime API: as a whole when it is
// made, or in pieces while it is made. Borrows the API and the invocation.
class EventService::ApiAnswer final : public ResponseSink {
 public:
  // Waits for a slow caller until `deadline`.
  ApiAnswer(lambda::HttpRuntimeApi& api, slot::WorkerSide& slot,
            const event::Invocation& invocation, base::Deadline deadline)
      : api_(api),
        slot_(slot),
        invocation_(invocation),
        deadline_(deadline),
        stream_(api, invocation, [this] { share_stream(); }) {}

  // For an HTTP event: the form that its gateway expects.
  void set_shape(http::EventShape shape) {
    shape_ = shape;
    slot_.has_shape(static_cast<unsigned>(shape));
  }

  // For an HTTP event whose answer may be compressed: the client's Accept-Encoding.
  void compress_for(std::string accept_encoding) { accept_encoding_ = std::move(accept_encoding); }

  bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
             std::string_view bytes) override;
  bool write(std::string_view bytes) override;

  // Answers with what the application made; with `early` before its code has ended. Only the first
  // call posts; later calls return the same status. An error means that the API is gone.
  base::Status post(const CallResult& result, bool early);

  // Spent on posting, while PHP waited.
  std::chrono::microseconds posting_time() const { return posting_time_; }

 private:
  // With the supervisor, which ends the stream if this process dies.
  void share_stream();
  event::Outcome outcome_of(const CallResult& result);

  lambda::HttpRuntimeApi& api_;
  slot::WorkerSide& slot_;
  const event::Invocation& invocation_;
  const base::Deadline deadline_;
  lambda::StreamedAnswer stream_;
  http::EventShape shape_ = http::EventShape::kApiGatewayV2;
  std::optional<std::string> accept_encoding_;  // set where answers are compressed
  std::optional<http::StreamWriter> writer_;    // once something was written
  std::optional<base::Status> posted_;
  std::chrono::microseconds posting_time_{};
};

bool EventService::ApiAnswer::begin(std::uint16_t status,
                                    const std::vector<event::NameValue>& headers,
                                    std::string_view bytes) {
  slot_.answering(true);
  api_.connection().set_mark(&slot_.stream_mark());
  writer_.emplace(stream_, shape_);
  return writer_->open(status, headers, bytes, deadline_).ok();
}

void EventService::ApiAnswer::share_stream() {
  slot_.streams_by(api_.connection().socket());
}

bool EventService::ApiAnswer::write(std::string_view bytes) {
  return writer_->write(bytes, deadline_).ok();
}

base::Status EventService::ApiAnswer::post(const CallResult& result, bool early) {
  if (posted_ || is_copy()) return posted_.value_or(base::ok_status());
  const auto begun = std::chrono::steady_clock::now();
  event::Outcome outcome = outcome_of(result);
  if (writer_ && !early) {
    slot_.closing();
  } else {
    slot_.answering(writer_.has_value());
  }
  posted_ = lambda::answer(api_, invocation_, std::move(outcome), stream_);
  if (*posted_) slot_.answered();
  posting_time_ = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begun);
  return *posted_;
}

event::Outcome EventService::ApiAnswer::outcome_of(const CallResult& result) {
  if (const auto* failure = std::get_if<event::Failure>(&result)) return *failure;
  if (const auto* answer = std::get_if<HandlerAnswer>(&result)) {
    return event::Answer{std::string(answer->json)};
  }
  ServerContext& context = current_context();
  if (context.sink != nullptr) {
    // A caller that has gone also shows when the stream is closed.
    static_cast<void>(send_stream({}));
    return event::Streamed{};
  }
  http::Response response{context.status, std::move(context.headers), context.response_body};
  std::string compressed;
  if (accept_encoding_) http::compress(response, *accept_encoding_, compressed);
  return event::Answer{http::write_answer(response, shape_)};
}

EventService::EventService(Application& application, const EntryPoint& entry,
                           lambda::HttpRuntimeApi& api, slot::WorkerSide& slot, bool counts_faults)
    : application_(application),
      entry_(entry),
      api_(api),
      slot_(slot),
      margin_(base::value_of(base::settings::kDeadlineMarginMs)),
      streams_(base::value_of(base::settings::kResponse)),
      tells_costs_(base::value_of(base::settings::kMetrics) != base::MetricsFormat::kOff),
      compresses_(base::value_of(base::settings::kCompress)),
      trace_(base::value_of(base::settings::kTrace)),
      measures_(tells_costs_ || counts_faults || trace_ != base::Trace::kOff) {
  api_.connection().stop_when([this] { return slot_.is_alone(); });
}

std::optional<event::Invocation> EventService::next() {
  if (tells_costs_ && !slot_.announce()) return std::nullopt;
  if (slot_.has_to_leave()) return std::nullopt;
  slot_.waiting();
  if (trace_ != base::Trace::kOff) asked_us_ = microseconds_since_1970();
  auto invocation = api_.next();
  if (invocation) {
    const event::Deadlines deadlines = event::deadlines_of(invocation.value(), margin_);
    slot_.taken(invocation.value(), deadlines);
    begin(deadlines);
    return std::move(invocation).value();
  }
  exit_code_ = base::kOk;
  if (invocation.error().kind != base::ErrorKind::kStopped) {
    base::log_error(invocation.error().text);
    exit_code_ = base::kSystemFailed;
  }
  return std::nullopt;
}

void EventService::begin(const event::Deadlines& deadlines) {
  if (trace_ != base::Trace::kOff) {
    taken_us_ = microseconds_since_1970();
    trace_parent_.clear();
  }
  note_copies();
  interrupt_from(deadlines.soft);
  // A slow reader is given up before the supervisor ends this process.
  give_up_ = deadlines.soft + (deadlines.hard - deadlines.soft) / 2;
}

bool EventService::serve(const event::Invocation& invocation, Lifetime lifetime) {
  std::optional<UsageMeter> meter;
  if (measures_) meter.emplace();
  ApiAnswer answer(api_, slot_, invocation, give_up_);
  const CallResult result = run(invocation, answer, lifetime);
  if (meter) usage_ = meter->read();
  usage_.php_us -= static_cast<std::uint64_t>(answer.posting_time().count());
  failed_ = EventRun::is_failure(result);
  const base::Status posted = answer.post(result, false);
  if (posted) EventRun(application_, lifetime).run_after_hooks(invocation, result);
  return end(posted);
}

bool EventService::refuse(const event::Invocation& invocation, const event::Failure& failure) {
  ApiAnswer answer(api_, slot_, invocation, give_up_);
  failed_ = true;
  return end(answer.post(failure, false));
}

bool EventService::end(const base::Status& posted) {
  interrupt_from(base::kNoDeadline);
  if (api_.connection().has_reconnected()) slot_.reconnected();
  if (posted) return true;
  base::log_error(posted.error().text);
  exit_code_ = base::kSystemFailed;
  return false;
}

void EventService::tell_cost(const event::Invocation& invocation, std::uint32_t generation,
                             std::uint64_t ready_us) const {
  const bool traces = trace_ != base::Trace::kOff;
  if (!tells_costs_ && !traces) return;
  slot::CostReport cost{.request_id = invocation.request_id,
                        .minor_faults = usage_.minor_faults,
                        .php_us = usage_.php_us,
                        .generation = generation,
                        .ready_us = ready_us};
  if (traces) {
    cost.trace = trace_parent_.empty() ? invocation.trace_id : trace_parent_;
    cost.trace.resize(std::min(cost.trace.size(), slot::kMostIdBytes));
    cost.asked_us = asked_us_;
    cost.taken_us = taken_us_;
    cost.failed = failed_;
  }
  slot_.tell_cost(std::move(cost));
}

CallResult EventService::run(const event::Invocation& invocation, ApiAnswer& answer,
                             Lifetime lifetime) {
  EventRun run(application_, lifetime);
  ResponseSink* const sink = streams_ ? &answer : nullptr;
  if (application_.serves() == Serves::kEvents) return run.run_handler(invocation, sink);

  auto event = http::read_cgi_event(invocation, entry_.files, entry_.kind);
  if (!event) {
    if (const auto warm = http::answer_warmer(invocation.event)) return HandlerAnswer{*warm};
    return event::Failure{"Runtime.InvalidEvent", std::move(event).error().text, {}};
  }
  answer.set_shape(event->shape);
  // X-Ray has no spans of other traces.
  if (trace_ == base::Trace::kOtlp) trace_parent_ = value_of(event->variables, "HTTP_TRACEPARENT");
  if (compresses_ && http::takes_binary(event->shape)) {
    answer.compress_for(value_of(event->variables, "HTTP_ACCEPT_ENCODING"));
  }
  // The status is read again, from the same answer, when PHP's code has ended.
  const auto post_early = [&answer](ServerContext&) {
    static_cast<void>(answer.post(HttpDone{}, true));
  };
  return run.run_http({invocation, std::move(event->variables), event->body, post_early, sink});
}

void WorkerLog::write(const base::LogRecord& record) {
  const bool is_ours = record.source == base::LogRecord::Source::kRuntime;
  if (!is_ours || !side_.log(record)) base::write_plain(record);
}

void end_on_signal(lambda::RuntimeApi& api, slot::WorkerSide& slot) {
  stopped_api = &api;
  stopped_slot = &slot;

  struct sigaction action {};

  action.sa_handler = [](int) {
    // In shared memory, which outlives a rollback of this process's own.
    stopped_slot->say_leave();
    stopped_api->interrupt();
  };
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(slot::kStopSignal, &action, nullptr);
}

}  // namespace phork::sapi
