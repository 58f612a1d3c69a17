// SPDX-License-Identifier: MIT
#include "php-worker/sapi/event_run.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/opcache.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/worker_script.h"
#include "runtime/base/pinned.h"
#include "runtime/http/message.h"

namespace phork::sapi {
namespace {

constexpr std::uint16_t kInternalServerError = 500;

long minor_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// PHP logs fatal errors itself. Our dispatcher has caught this exception, so it is logged here, in
// PHP's words.
void log_uncaught(const event::Failure& failure) {
  std::string text = "PHP Fatal error:  Uncaught " + failure.type + ": " + failure.message;
  for (const std::string& line : failure.stack_trace) text.append("\n").append(line);
  sapi_module.log_message(text.c_str(), 0);
}

void reset_response(std::uint16_t status) {
  php_output_discard_all();
  current_context().response_body.clear();
  SG(headers_sent) = 0;
  sapi_header_op(SAPI_HEADER_DELETE_ALL, nullptr);
  SG(sapi_headers).http_response_code = status;
}

// Replaces output that has not been sent by an empty 500; as under php-fpm, output that counts as
// sent stays.
void replace_by_error() {
  const ServerContext& context = current_context();
  const bool sent = context.stream_begun || SG(headers_sent) != 0;
  if (!sent && context.response_body.empty()) reset_response(kInternalServerError);
}

// Replaces the whole response, unless a part of it has left this process.
void replace_by_timeout() {
  ServerContext& context = current_context();
  if (context.stream_begun) return;
  http::Response response = http::gateway_timeout();
  const std::uint16_t status = response.status;
  const bool replaced = guarded([status] {
    reset_response(status);
    php_header();
  });
  if (!replaced) CG(unclean_shutdown) = 0;
  context.headers = std::move(response.headers);
  context.response_body = response.body;
}

void complete_empty_response() {
  php_output_discard_all();
  complete_response();
}

// php.ini's max_execution_time, which counts the time of the processor, for one event. Kernel
// timers are not inherited by a fork, so this is made in the process that serves.
class TimeLimit : private base::Pinned {
 public:
  TimeLimit() { zend_set_timeout(INI_INT("max_execution_time"), false); }

  ~TimeLimit() { zend_unset_timeout(); }
};

// PHP code may fork. Its copy of this process ends when that code is done, and must not send an
// answer.
void leave_if_copied(Lifetime lifetime) {
  if (!is_copy()) return;
  end_user_code(lifetime);
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace

UsageMeter::UsageMeter()
    : start_(std::chrono::steady_clock::now()), minor_faults_(minor_faults()) {}

Usage UsageMeter::read() const {
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start_);
  return {static_cast<std::uint32_t>(minor_faults() - minor_faults_),
          static_cast<std::uint64_t>(spent.count())};
}

void export_trace(const event::Invocation& invocation) {
  if (invocation.trace_id.empty()) {
    ::unsetenv(event::kTraceVariable);
  } else {
    ::setenv(event::kTraceVariable, invocation.trace_id.c_str(), 1);
  }
}

void EventRun::reset_context(OutputTo output) {
  ServerContext& context = current_context();
  context = ServerContext{};
  set_form(output == OutputTo::kResponse ? OutputForm::kHtml : OutputForm::kText);
  note_copies();
  if (!rehearsal_) begin_to_serve_with_opcache();
  context.output = rehearsal_ && output != OutputTo::kResponse ? OutputTo::kNowhere : output;
}

CallResult EventRun::run_handler(const event::Invocation& invocation, ResponseSink* sink) {
  reset_context(OutputTo::kStdout);
  export_trace(invocation);
  const TimeLimit limit;
  current_context().sink = sink;
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;
  if (!rehearsal_) application_.record_state();
  auto refused = application_.run_before_hooks(invocation);
  CallResult result =
      refused ? CallResult(std::move(*refused)) : application_.call_handler(invocation);
  leave_if_copied(lifetime_);
  end_user_code(lifetime_);
  if (!guarded([] { php_output_end_all(); })) CG(unclean_shutdown) = 0;
  return result;
}

CallResult EventRun::run_http(HttpInput input) {
  reset_context(OutputTo::kResponse);
  export_trace(input.invocation);
  const TimeLimit limit;
  ServerContext& context = current_context();
  context.variables = std::move(input.variables);
  context.body = input.body;
  context.on_finished = std::move(input.on_finished);
  context.sink = input.sink;
  announce_last_request(lifetime_ != Lifetime::kManyEvents);
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;

  if (!rehearsal_) application_.record_state();
  auto refused = application_.run_before_hooks(input.invocation);
  CallResult result =
      refused ? CallResult(std::move(*refused)) : application_.call_http(input.invocation);
  leave_if_copied(lifetime_);
  if (const auto* failure = std::get_if<event::Failure>(&result)) {
    if (!context.has_fatal) log_uncaught(*failure);
    if (!context.timed_out && !guarded(replace_by_error)) CG(unclean_shutdown) = 0;
  }
  end_user_code(lifetime_);
  // The deadline may have passed only in a shutdown function.
  if (context.timed_out && !context.finished) replace_by_timeout();
  // An output callback of the user may fail here; PHP has then put a 500 into the headers.
  if (!context.finished && !guarded(complete_response)) {
    CG(unclean_shutdown) = 0;
    if (!guarded(complete_empty_response)) context.finished = true;
  }
  if (context.stream_begun && std::holds_alternative<event::Failure>(result)) return result;
  return HttpDone{};
}

bool EventRun::is_failure(const CallResult& result) {
  if (std::holds_alternative<event::Failure>(result)) return true;
  return std::holds_alternative<HttpDone>(result) &&
         current_context().status >= kInternalServerError;
}

void EventRun::run_after_hooks(const event::Invocation& invocation, const CallResult& result) {
  if (!application_.has_after_hooks()) return;
  current_context().output = rehearsal_ ? OutputTo::kNowhere : OutputTo::kStdout;
  application_.run_after_hooks(invocation, is_failure(result));
}

}  // namespace phork::sapi
