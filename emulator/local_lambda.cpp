// SPDX-License-Identifier: MIT
#include "emulator/local_lambda.h"

#include <utility>

namespace phork::emulator {

LocalLambda::LocalLambda(FunctionConfig config, LogSink& log, std::string strategy)
    : config_(std::move(config)), log_(log), statistics_(std::move(strategy)) {
  environments_.push_back(std::make_unique<Environment>(config_, dispatcher_, log, statistics_));
  dispatcher_.on_backlog([this] {
    for (const auto& environment : environments_) environment->wake();
  });
}

base::Status LocalLambda::start() {
  for (const auto& environment : environments_) {
    if (base::Status started = environment->start(); !started) return started;
  }
  return base::ok_status();
}

// Without a deadline there always is a result: the environment ends each event by its own.
EventResult LocalLambda::invoke(Event event) {
  return dispatcher_.wait(dispatcher_.submit(std::move(event))).value_or(EventResult{});
}

EventResult LocalLambda::invoke(Event event, StreamSink& sink) {
  const EventId id = dispatcher_.submit(std::move(event));
  return dispatcher_.wait(id, Clock::time_point::max(), &sink).value_or(EventResult{});
}

void LocalLambda::log_error(std::string_view request_id, std::string_view message) {
  log_.append(platform_message(request_id, message));
}

void LocalLambda::request_stop() {
  dispatcher_.close();
  for (const auto& environment : environments_) environment->request_stop();
}

void LocalLambda::stop() {
  request_stop();
  for (const auto& environment : environments_) environment->stop();
}

}  // namespace phork::emulator
