// SPDX-License-Identifier: MIT
#include "emulator/environments/local_lambda.h"

#include <utility>

namespace phork::emulator {
namespace {

// Statuses from here on are failures of the function, although it has answered.
constexpr int kServerError = 500;

}  // namespace

LocalLambda::LocalLambda(FunctionConfig config, LogSink& log, std::string strategy,
                         EventLog* events)
    : config_(std::move(config)),
      log_(log),
      lambda_log_(log),
      events_(events == nullptr ? lambda_log_ : *events),
      lines_(make_log_lines(config_)),
      statistics_(strategy),
      activity_(std::move(strategy)),
      sandboxes_([this](std::string_view line) { log_.append(line); }),
      faults_(config_.faults, log_),
      fleet_(FunctionContext{config_, dispatcher_, log_, events_, *lines_, statistics_, activity_,
                             sandboxes_, config_.faults.empty() ? nullptr : &faults_}) {
  dispatcher_.on_backlog([this] { fleet_.scale(); });
  activity_.on_queue_asked([this] { return dispatcher_.backlog(); });
}

base::Status LocalLambda::start() {
  return fleet_.start();
}

// wait() without a deadline always returns a result: the environment enforces the event's timeout.
EventResult LocalLambda::invoke(Event event) {
  return dispatcher_.wait(dispatcher_.submit(std::move(event))).value_or(EventResult{});
}

EventResult LocalLambda::invoke(Event event, StreamSink& sink) {
  const EventId id = dispatcher_.submit(std::move(event));
  return dispatcher_.wait(id, Clock::time_point::max(), &sink).value_or(EventResult{});
}

void LocalLambda::requested(const std::string& request_id, std::string_view method,
                            std::string_view path) {
  activity_.requested(request_id, method, path);
  events_.requested(request_id, method, path);
}

void LocalLambda::replied(const std::string& request_id, int status, bool by_function) {
  const bool failed = by_function && status >= kServerError;
  if (failed) statistics_.add_error();
  activity_.replied(request_id, status, failed);
  events_.replied(request_id, status);
}

void LocalLambda::log_error(const std::string& request_id, std::string_view message) {
  events_.platform(lines_->error(request_id, message));
  events_.error(request_id, message);
}

void LocalLambda::request_stop() {
  dispatcher_.close();
  fleet_.request_stop();
}

void LocalLambda::stop() {
  request_stop();
  fleet_.stop();
}

}  // namespace phork::emulator
