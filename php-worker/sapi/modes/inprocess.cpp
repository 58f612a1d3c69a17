// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/inprocess.h"

#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/modes/event_service.h"
#include "php-worker/sapi/opcache.h"
#include "php-worker/sapi/server_context.h"
#include "php-worker/sapi/worker_script.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

bool clear_script(Booted& booted) {
  if (const auto reopened = reopen_request(); !reopened) {
    base::log_error(reopened.error().text);
    return false;
  }
  const auto failure = boot_again(booted);
  if (failure) event::log_failure("php-worker: boot", *failure);
  return !failure;
}

// Makes PHP ready for another event; false when this process cannot serve one.
bool clear(Booted& booted, const event::Invocation& invocation) {
  if (booted.application.is_script()) return clear_script(booted);
  const bool fatal = current_context().has_fatal && EG(exit_status) != 0;
  close_event();
  // opcache would restart as the next event begins, and wipe the memory of the handler's classes.
  if (!fatal) return !opcache_awaits_restart();
  event::log_error(
      "php-worker: serve: a fatal error; the process restarts, where strategy fork would have gone "
      "on",
      invocation);
  return false;
}

}  // namespace

int serve_inprocess(Booted& booted, lambda::HttpRuntimeApi& api, slot::WorkerSide& slot) {
  EventService service(booted.application, booted.entry, api, slot);
  const bool is_set = !base::variable(base::settings::kMaxEvents.name).empty();
  const unsigned most_events =
      base::value_of(is_set ? base::settings::kMaxEvents : base::settings::kBrefLoopMax);
  // A script's events each have a PHP request of their own.
  const Lifetime lifetime =
      booted.application.is_script() ? Lifetime::kProcess : Lifetime::kManyEvents;
  for (unsigned events = 1;; ++events) {
    const auto invocation = service.next();
    if (!invocation) break;
    if (!service.serve(*invocation, lifetime)) return service.exit_code();
    end_output_lines();
    service.tell_cost(*invocation, 0, 0);
    if (!slot.settle()) return base::kOk;
    slot.waiting();
    if (has_script_ended()) {
      close_event();
      break;
    }
    if (!clear(booted, *invocation) || events == most_events) return base::kOk;
  }
  end_boot([&booted] { booted.application.run_shutdown_hooks(); });
  return service.exit_code();
}

}  // namespace phork::sapi
