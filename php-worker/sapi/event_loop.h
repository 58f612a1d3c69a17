// SPDX-License-Identifier: MIT
//
// Strategy inprocess: this process speaks the Runtime API itself and serves one event after the
// other, with nothing but PHP's request state made new between them.
#pragma once

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/site.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/report/metrics.h"

namespace phork::sapi {

class EventLoop {
 public:
  static constexpr int kRestart = -1;

  struct Limits {
    unsigned max_events = 0;  // of this process; 0: no limit
    // How long before its deadline an event is interrupted.
    std::chrono::milliseconds deadline_margin{200};
  };

  EventLoop(Application& application, const Site& site, lambda::RuntimeApi& api,
            report::MetricsFormat metrics, Limits limits)
      : application_(application), site_(site), api_(api), metrics_(metrics), limits_(limits) {}

  // Serves until the API is gone, refuses or is interrupted; returns the exit code, or kRestart
  // when the process is to start anew: after `max_events` of them, or after an event that ended PHP
  // with a fatal error, as its state cannot be trusted any more.
  int run();

 private:
  // Serves one event; the exit code when it was the last.
  std::optional<int> serve(const base::Invocation& invocation);
  CallResult serve_http(const base::Invocation& invocation);
  std::optional<int> post(const base::Invocation& invocation, const CallResult& result);
  std::optional<int> post_response(const base::Invocation& invocation, Exchange& exchange);
  std::optional<int> send(const base::Invocation& invocation, base::Outcome outcome);

  Application& application_;
  const Site& site_;
  lambda::RuntimeApi& api_;
  report::MetricsFormat metrics_;
  Limits limits_;
  InterruptTimer timer_;
  unsigned events_ = 0;
  http::EventShape shape_{};        // of the HTTP event being served
  bool answered_ = false;           // the event being served has its answer
  std::optional<int> failed_post_;  // exit code after an answer that left early was not taken
};

}  // namespace phork::sapi
