// SPDX-License-Identifier: MIT
#include "php-worker/sapi/event_loop.h"

#include <string>
#include <utility>

#include "php-worker/sapi/event_log.h"
#include "runtime/base/log.h"
#include "runtime/http/answer_writer.h"
#include "runtime/lambda/answering.h"

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

std::optional<int> EventLoop::serve(const base::Invocation& invocation) {
  report::EventTimer timer;
  const UsageMeter meter;
  EventLog log(invocation);
  answered_ = false;
  failed_post_.reset();

  timer_.arm(invocation.deadline - std::chrono::system_clock::now() - limits_.deadline_margin);
  CallResult result = HttpDone{};
  if (application_.serves() == wire::Serves::kHttp) {
    result = serve_http(invocation);
  } else {
    EventRun run(application_, Lifetime::kManyEvents);
    result = run.run_handler(invocation);
  }
  timer_.disarm();
  const wire::Usage usage = meter.read();
  log.flush();
  std::optional<int> code = answered_ ? failed_post_ : post(invocation, result);
  timer.answered();
  if (current_exchange().has_fatal && EG(exit_status) != 0) {
    base::log_error(
        "php-worker: serve: a fatal error, the process starts anew; strategy fork would have gone "
        "on",
        invocation);
    code = kRestart;
  }
  close_event();
  report::write_metrics(metrics_, {invocation.request_id, "inprocess", timer.latency(),
                                   timer.elapsed(), usage.minor_faults, usage.php_us, 0});
  return code;
}

CallResult EventLoop::serve_http(const base::Invocation& invocation) {
  const auto event = http::read_event(invocation.event, invocation.event.capacity());
  if (!event) return base::Failure{"Runtime.InvalidEvent", event.error().text, {}};
  shape_ = event->shape;
  HttpInput input = make_http_input(site_, event->request, invocation);
  input.on_finished = [this, &invocation](Exchange& exchange) {
    failed_post_ = post_response(invocation, exchange);
  };
  EventRun run(application_, Lifetime::kManyEvents);
  return run.run_http(std::move(input));
}

std::optional<int> EventLoop::post(const base::Invocation& invocation, const CallResult& result) {
  if (const auto* failure = std::get_if<base::Failure>(&result)) return send(invocation, *failure);
  if (const auto* answer = std::get_if<HandlerAnswer>(&result)) {
    return send(invocation, base::Answer{std::string(answer->json)});
  }
  return post_response(invocation, current_exchange());
}

std::optional<int> EventLoop::post_response(const base::Invocation& invocation,
                                            Exchange& exchange) {
  answered_ = true;
  http::Response response{exchange.status, std::move(exchange.headers),
                          std::move(exchange.response_body)};
  return send(invocation, base::Answer{http::write_answer(response, shape_)});
}

std::optional<int> EventLoop::send(const base::Invocation& invocation, base::Outcome outcome) {
  const auto posted = lambda::answer(api_, invocation, std::move(outcome));
  if (posted) return std::nullopt;
  base::log_error(posted.error().text);
  return kExitSystemFailed;
}

}  // namespace phork::sapi
