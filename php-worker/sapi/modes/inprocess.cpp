// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/inprocess.h"

#include <utility>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/modes/api_answer.h"
#include "runtime/base/log.h"
#include "runtime/event/log.h"
#include "runtime/http/cgi_event.h"

namespace phork::sapi {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitSystemFailed = 111;

}  // namespace

int EventLoop::run() {
  for (;;) {
    const auto invocation = api_.next();
    if (!invocation) {
      if (invocation.error().kind == base::ErrorKind::kStopped) return kExitOk;
      base::log_error(invocation.error().text);
      return kExitSystemFailed;
    }
    if (const auto code = serve(invocation.value())) return *code;
    if (++events_ == limits_.max_events) return kRestart;
  }
}

std::optional<int> EventLoop::serve(const event::Invocation& invocation) {
  logging::EventTimer timer;
  api_.while_posting([&timer] { timer.answered(); });
  const UsageMeter meter;
  EventLog log(invocation);
  const auto left = invocation.deadline - std::chrono::system_clock::now();
  const auto margin = limits_.deadline_margin;
  // As under the other strategies, PHP has a part of the margin to end in.
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
    return kExitSystemFailed;
  }
  const auto code = clear(invocation);
  metrics_.write({invocation.request_id, "inprocess", timer.latency(), timer.elapsed(),
                  usage.minor_faults, usage.php_us, 0, 0});
  return code;
}

CallResult EventLoop::run(const event::Invocation& invocation, ApiAnswer& answer) {
  EventRun run(application_, lifetime_of(application_));
  ResponseSink* const sink = streams_ ? &answer : nullptr;
  if (application_.serves() == wire::Serves::kEvents) return run.run_handler(invocation, sink);

  auto event = http::read_cgi_event(invocation, site_.files, site_.kind);
  if (!event) return event::Failure{"Runtime.InvalidEvent", std::move(event).error().text, {}};
  answer.set_shape(event->shape);
  // What comes of it is asked for again when PHP's code has ended.
  const auto post_early = [&answer](Exchange&) { static_cast<void>(answer.post(HttpDone{})); };
  return run.run_http({invocation, std::move(event->variables), event->body, post_early, sink});
}

std::optional<int> EventLoop::clear(const event::Invocation& invocation) {
  if (application_.is_script()) return clear_script();
  const bool fatal = current_exchange().has_fatal && EG(exit_status) != 0;
  close_event();
  if (!fatal) return std::nullopt;
  event::log_error(
      "php-worker: serve: a fatal error, the process starts anew; strategy fork would have gone on",
      invocation);
  return kRestart;
}

std::optional<int> EventLoop::clear_script() {
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
