// SPDX-License-Identifier: MIT
//
// Strategy inprocess: this process speaks the Runtime API itself and serves one event after the
// other. A handler is called again and again, with nothing but PHP's request state made new. A
// script cannot be: what it declares it would declare twice, so that each run of it is a request of
// PHP's own, as under php-fpm.
#pragma once

#include <functional>
#include <optional>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/modes/api_answer.h"
#include "php-worker/sapi/site.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/logging/metrics.h"

namespace phork::sapi {

class EventLoop {
 public:
  static constexpr int kRestart = -1;

  struct Limits {
    unsigned max_events = 0;  // of this process; 0: no limit
    // How long before its deadline an event is interrupted.
    std::chrono::milliseconds deadline_margin{200};
  };

  // `boot_again` makes the application new in PHP's next request; the failure when it cannot.
  using BootAgain = std::function<std::optional<event::Failure>()>;

  EventLoop(Application& application, const Site& site, lambda::RuntimeApi& api,
            logging::MetricsWriter metrics, Limits limits, BootAgain boot_again)
      : application_(application),
        site_(site),
        api_(api),
        metrics_(std::move(metrics)),
        limits_(limits),
        boot_again_(std::move(boot_again)) {}

  // Serves until the API is gone, refuses or is interrupted; returns the exit code, or kRestart
  // when the process is to start anew: after `max_events` of them, or after an event that ended PHP
  // with a fatal error, as its state cannot be trusted any more.
  int run();

 private:
  // Serves one event; the exit code when it was the last.
  std::optional<int> serve(const event::Invocation& invocation);
  CallResult run(const event::Invocation& invocation, ApiAnswer& answer);
  // Makes PHP ready for another event, or says that the process must start anew.
  std::optional<int> clear(const event::Invocation& invocation);
  std::optional<int> clear_script();

  Application& application_;
  const Site& site_;
  lambda::RuntimeApi& api_;
  const logging::MetricsWriter metrics_;
  Limits limits_;
  BootAgain boot_again_;
  InterruptTimer timer_;
  unsigned events_ = 0;
  const bool streams_ = answers_are_streamed();
};

}  // namespace phork::sapi
