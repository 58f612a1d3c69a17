// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/inprocess.h"

#include <string>
#include <utility>
#include <variant>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"
#include "runtime/lambda/answering.h"

namespace phork::sapi {

// The answer of one event on its way from this process to the Runtime API: as a whole when it is
// made, or in pieces while it is made. Borrows the API and the invocation.
class InprocessMode::ApiAnswer final : public ResponseSink {
 public:
  // Waits for a slow caller until `deadline`.
  ApiAnswer(lambda::RuntimeApi& api, const event::Invocation& invocation, base::Deadline deadline)
      : api_(api), invocation_(invocation), deadline_(deadline), stream_(api, invocation) {}

  // For an HTTP event: the form that its gateway expects.
  void set_shape(http::EventShape shape) { shape_ = shape; }

  bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
             std::string_view bytes) override;
  bool write(std::string_view bytes) override;

  // Answers with what the application made. Only the first call posts, because a response may have
  // been finished early; later calls return the same status. An error means that the API is gone.
  base::Status post(const CallResult& result);

 private:
  event::Outcome outcome_of(const CallResult& result);

  lambda::RuntimeApi& api_;
  const event::Invocation& invocation_;
  const base::Deadline deadline_;
  lambda::StreamedAnswer stream_;
  http::EventShape shape_ = http::EventShape::kApiGatewayV2;
  std::optional<http::StreamWriter> writer_;  // once something was written
  std::optional<base::Status> posted_;
};

bool InprocessMode::ApiAnswer::begin(std::uint16_t status,
                                     const std::vector<event::NameValue>& headers,
                                     std::string_view bytes) {
  writer_.emplace(stream_, shape_);
  return writer_->open(status, headers, bytes, deadline_).ok();
}

bool InprocessMode::ApiAnswer::write(std::string_view bytes) {
  return writer_->write(bytes, deadline_).ok();
}

base::Status InprocessMode::ApiAnswer::post(const CallResult& result) {
  if (!posted_) posted_ = lambda::answer(api_, invocation_, outcome_of(result), stream_);
  return *posted_;
}

event::Outcome InprocessMode::ApiAnswer::outcome_of(const CallResult& result) {
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
  const http::Response response{context.status, std::move(context.headers), context.response_body};
  return event::Answer{http::write_answer(response, shape_)};
}

int InprocessMode::run() {
  for (;;) {
    const auto invocation = api_.next();
    if (!invocation) {
      if (invocation.error().kind == base::ErrorKind::kStopped) return base::kOk;
      base::log_error(invocation.error().text);
      return base::kSystemFailed;
    }
    if (const auto code = serve(invocation.value())) return *code;
    if (++events_ == limits_.max_events) return kRestart;
  }
}

std::optional<int> InprocessMode::serve(const event::Invocation& invocation) {
  logging::EventTimer timer;
  api_.while_posting([&timer] { timer.answered(); });
  const UsageMeter meter;
  EventLog log(invocation);
  const auto left = invocation.deadline - std::chrono::system_clock::now();
  const auto margin = limits_.deadline_margin;
  // PHP gets a part of the margin to end in, as under the other strategies.
  ApiAnswer answer(api_, invocation, std::chrono::steady_clock::now() + left - margin * 2 / 5);

  timer_.arm(left - margin);
  const CallResult result = run(invocation, answer);
  timer_.disarm();
  const wire::Usage usage = meter.read();
  log.flush();
  const base::Status posted = answer.post(result);
  api_.while_posting({});
  timer.answered();
  if (!posted) {
    base::log_error(posted.error().text);
    return base::kSystemFailed;
  }
  const auto code = clear(invocation);
  metrics_.write({invocation.request_id, "inprocess", timer.latency(), timer.elapsed(),
                  usage.minor_faults, usage.php_us, 0, 0});
  return code;
}

CallResult InprocessMode::run(const event::Invocation& invocation, ApiAnswer& answer) {
  EventRun run(application_, lifetime_of(application_));
  ResponseSink* const sink = streams_ ? &answer : nullptr;
  if (application_.serves() == wire::Serves::kEvents) return run.run_handler(invocation, sink);

  auto event = http::read_cgi_event(invocation, entry_.files, entry_.kind);
  if (!event) return event::Failure{"Runtime.InvalidEvent", std::move(event).error().text, {}};
  answer.set_shape(event->shape);
  // The status is read again, from the same answer, when PHP's code has ended.
  const auto post_early = [&answer](ServerContext&) { static_cast<void>(answer.post(HttpDone{})); };
  return run.run_http({invocation, std::move(event->variables), event->body, post_early, sink});
}

std::optional<int> InprocessMode::clear(const event::Invocation& invocation) {
  if (application_.is_script()) return clear_script();
  const bool fatal = current_context().has_fatal && EG(exit_status) != 0;
  close_event();
  if (!fatal) return std::nullopt;
  event::log_error(
      "php-worker: serve: a fatal error; the process restarts, where strategy fork would have gone "
      "on",
      invocation);
  return kRestart;
}

std::optional<int> InprocessMode::clear_script() {
  const EventLog log;
  if (const auto reopened = reopen_request(); !reopened) {
    base::log_error(reopened.error().text);
    return kRestart;
  }
  const auto failure = boot_again_();
  if (!failure) return std::nullopt;
  event::log_failure("php-worker: boot", *failure);
  return kRestart;
}

}  // namespace phork::sapi
