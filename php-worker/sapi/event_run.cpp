// SPDX-License-Identifier: MIT
#include "php-worker/sapi/event_run.h"

#include <string>
#include <sys/resource.h>
#include <utility>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/failure.h"

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
void log_uncaught(const base::Failure& failure) {
  std::string text = "PHP Fatal error:  Uncaught " + failure.type + ": " + failure.message;
  for (const std::string& line : failure.stack_trace) text.append("\n").append(line);
  sapi_module.log_message(text.c_str(), 0);
}

// What was not sent yet is replaced by an empty 500.
void replace_response() {
  if (SG(headers_sent) != 0 || !current_exchange().response_body.empty()) return;
  php_output_discard_all();
  sapi_header_op(SAPI_HEADER_DELETE_ALL, nullptr);
  SG(sapi_headers).http_response_code = kInternalServerError;
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
  exchange.output = rehearsal_ && output != OutputTo::kResponse ? OutputTo::kNowhere : output;
}

CallResult EventRun::run_handler(const base::Invocation& invocation) {
  reset_exchange(OutputTo::kStdout);
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;
  CallResult result = application_.call_handler(invocation);
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
  const Lifetime lifetime = lifetime_;
  if (!guarded([lifetime] { open_event(lifetime); })) return describe_bailout().failure;

  const CallResult result = application_.call_http(input.invocation);
  if (const auto* failure = std::get_if<base::Failure>(&result)) {
    if (!exchange.has_fatal) log_uncaught(*failure);
    if (!guarded(replace_response)) CG(unclean_shutdown) = 0;
  }
  end_user_code(lifetime_);
  if (!exchange.finished && !guarded(complete_response)) {
    CG(unclean_shutdown) = 0;
    exchange.finished = true;
  }
  return HttpDone{};
}

wire::Response response_frame(const Exchange& exchange, const wire::Usage& usage) {
  return {usage, exchange.status, exchange.headers, exchange.response_body};
}

}  // namespace phork::sapi
