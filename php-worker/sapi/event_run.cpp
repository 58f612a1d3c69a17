// SPDX-License-Identifier: MIT
#include "php-worker/sapi/event_run.h"

#include <cstdio>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/failure.h"
#include "runtime/http/message.h"

namespace phork::sapi {
namespace {

constexpr std::uint16_t kInternalServerError = 500;

long minor_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// PHP logs its own fatal errors; an exception that our dispatcher caught is logged here, in the
// words that PHP uses.
void log_uncaught(const event::Failure& failure) {
  std::string text = "PHP Fatal error:  Uncaught " + failure.type + ": " + failure.message;
  for (const std::string& line : failure.stack_trace) text.append("\n").append(line);
  sapi_module.log_message(text.c_str(), 0);
}

void begin_anew(std::uint16_t status) {
  php_output_discard_all();
  current_exchange().response_body.clear();
  SG(headers_sent) = 0;
  sapi_header_op(SAPI_HEADER_DELETE_ALL, nullptr);
  SG(sapi_headers).http_response_code = status;
}

// What was not sent yet is replaced by an empty error; output that counts as sent stays, as under
// FPM.
void replace_by_error() {
  const Exchange& exchange = current_exchange();
  const bool sent = exchange.stream_begun || SG(headers_sent) != 0;
  if (!sent && exchange.response_body.empty()) begin_anew(kInternalServerError);
}

// All is replaced as long as nothing has left this process.
void replace_by_timeout() {
  Exchange& exchange = current_exchange();
  if (exchange.stream_begun) return;
  http::Response response = http::gateway_timeout();
  const std::uint16_t status = response.status;
  const bool replaced = guarded([status] {
    begin_anew(status);
    php_header();
  });
  if (!replaced) CG(unclean_shutdown) = 0;
  exchange.headers = std::move(response.headers);
  exchange.response_body = response.body;
}

void complete_empty_response() {
  php_output_discard_all();
  complete_response();
}

// PHP code may fork; its copy of us has done its part when its code is done.
void leave_if_copied(Lifetime lifetime) {
  if (::getpid() == current_exchange().owner) return;
  end_user_code(lifetime);
  std::fflush(nullptr);
  ::_exit(0);
}

}  // namespace

UsageMeter::UsageMeter()
    : start_(std::chrono::steady_clock::now()), minor_faults_(minor_faults()) {}

wire::Usage UsageMeter::read() const {
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start_);
  return {static_cast<std::uint32_t>(minor_faults() - minor_faults_),
          static_cast<std::uint64_t>(spent.count())};
}

void EventRun::reset_exchange(OutputTo output) {
  Exchange& exchange = current_exchange();
  exchange = Exchange{};
  exchange.owner = ::getpid();
  exchange.output = rehearsal_ && output != OutputTo::kResponse ? OutputTo::kNowhere : output;
}

CallResult EventRun::run_handler(const event::Invocation& invocation, ResponseSink* sink) {
  reset_exchange(OutputTo::kStdout);
  current_exchange().sink = sink;
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;
  if (!rehearsal_) application_.record_state();
  CallResult result = application_.call_handler(invocation);
  leave_if_copied(lifetime_);
  end_user_code(lifetime_);
  if (!guarded([] { php_output_end_all(); })) CG(unclean_shutdown) = 0;
  return result;
}

CallResult EventRun::run_http(HttpInput input) {
  reset_exchange(OutputTo::kResponse);
  Exchange& exchange = current_exchange();
  exchange.variables = std::move(input.variables);
  exchange.body = input.body;
  exchange.on_finished = std::move(input.on_finished);
  exchange.sink = input.sink;
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;

  if (!rehearsal_) application_.record_state();
  CallResult result = application_.call_http(input.invocation);
  leave_if_copied(lifetime_);
  if (const auto* failure = std::get_if<event::Failure>(&result)) {
    if (!exchange.has_fatal) log_uncaught(*failure);
    if (!exchange.timed_out && !guarded(replace_by_error)) CG(unclean_shutdown) = 0;
  }
  end_user_code(lifetime_);
  // The time may have been up in a shutdown function only.
  if (exchange.timed_out && !exchange.finished) replace_by_timeout();
  // A callback of the user's may fail in it; PHP has put a 500 into the headers then.
  if (!exchange.finished && !guarded(complete_response)) {
    CG(unclean_shutdown) = 0;
    if (!guarded(complete_empty_response)) exchange.finished = true;
  }
  if (exchange.stream_begun && std::holds_alternative<event::Failure>(result)) return result;
  return HttpDone{};
}

wire::Response response_frame(const Exchange& exchange, const wire::Usage& usage) {
  return {usage, exchange.status, exchange.headers, exchange.response_body};
}

}  // namespace phork::sapi
