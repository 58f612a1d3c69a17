// SPDX-License-Identifier: MIT
//
// Strategy inprocess: this process speaks the Runtime API itself and serves one event after
// another. A handler is called again and again; between events only PHP's request state is made
// new. A script cannot be run twice in one PHP request, because it would declare its functions and
// classes a second time, so each run gets a PHP request of its own, as under php-fpm.
#pragma once

#include <functional>
#include <optional>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/logging/metrics.h"

namespace phork::sapi {

class InprocessMode {
 public:
  static constexpr int kRestart = -1;

  struct Limits {
    unsigned max_events = 0;  // of this process; 0: no limit
    // How long before its deadline an event is interrupted.
    std::chrono::milliseconds deadline_margin{200};
  };

  // Boots the application again in PHP's next request; returns the failure when that is impossible.
  using BootAgain = std::function<std::optional<event::Failure>()>;

  InprocessMode(Application& application, const EntryPoint& entry, lambda::RuntimeApi& api,
                logging::MetricsWriter metrics, Limits limits, BootAgain boot_again)
      : application_(application),
        entry_(entry),
        api_(api),
        metrics_(std::move(metrics)),
        limits_(limits),
        boot_again_(std::move(boot_again)) {}

  // Serves until the API is gone, refuses, or is interrupted. Returns the exit code, or kRestart
  // when the process has to start over: after `max_events` events, or after an event that ended PHP
  // with a fatal error, because PHP's state cannot be trusted from then on.
  int run();

 private:
  class ApiAnswer;

  // Serves one event; returns the exit code when it was the last one.
  std::optional<int> serve(const event::Invocation& invocation);
  CallResult run(const event::Invocation& invocation, ApiAnswer& answer);
  // Makes PHP ready for another event, or returns kRestart.
  std::optional<int> clear(const event::Invocation& invocation);
  std::optional<int> clear_script();

  Application& application_;
  const EntryPoint& entry_;
  lambda::RuntimeApi& api_;
  const logging::MetricsWriter metrics_;
  Limits limits_;
  BootAgain boot_again_;
  InterruptTimer timer_;
  unsigned events_ = 0;
  const bool streams_ = base::value_of(base::settings::kResponse);
};

}  // namespace phork::sapi
