// SPDX-License-Identifier: MIT
#include "supervisor/workers.h"

#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include "runtime/base/log.h"

namespace phork::supervisor {
namespace {

// A worker that ends before an event came to it is replaced, but not for ever: Lambda would restart
// an environment that does not come to its events, too.
constexpr unsigned kMostFruitless = 16;

// A boot of one slot may be killed by an event of another.
constexpr unsigned kMostKilledBoots = 3;

// For want of memory or processes, which an event may use up.
constexpr unsigned kMostFailedStarts = 50;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

void Workers::end(int code) {
  if (is_ending()) return;
  exit_code_ = code;
  wind_down();
  look_for_end();
}

void Workers::look_for_end() {
  if (!is_ending() || has_ended_ || has_processes()) return;
  has_ended_ = true;
  callbacks_.ended(*exit_code_);
}

void Workers::all_booted() {
  if (!std::exchange(told_booted_, true)) callbacks_.booted();
}

void Workers::all_restored() {
  if (!std::exchange(told_restored_, true)) callbacks_.restored();
}

void Workers::restore() {
  if (is_ending()) return;
  phase_ = Phase::kRestoring;
  begin_restore();
}

void Workers::serve() {
  if (is_ending()) return;
  phase_ = Phase::kServing;
  begin_serving();
}

void Workers::fail(const event::Failure& failure, bool is_first) {
  end(phase_ == Phase::kRestoring ? report_restore(around_.make_api, failure)
                                  : report_boot(around_.make_api, failure, is_first));
}

void Workers::try_again(const base::Error& error, std::function<void()> start) {
  // Time does not change back what an event has changed.
  const bool may_change = error.kind != base::ErrorKind::kRefused;
  if (!may_change || ++failed_starts_ >= kMostFailedStarts)
    return fail({"Runtime.BootFailed", error.text, {}});
  if (failed_starts_ == 1) base::log_warn(error.text + "; trying again");
  retry_ = around_.loop.after(kPause, std::move(start));
}

bool Workers::may_go_on(const Seat::End& worker, const std::optional<process::ExitStatus>& status,
                        unsigned& fruitless) {
  fruitless = worker.had_event ? 0 : fruitless + 1;
  const bool was_killed = around_.config.settings.slots > 1 && status &&
                          status->kind == process::ExitStatus::Kind::kSignalled &&
                          status->code == SIGKILL && fruitless < kMostKilledBoots;
  // Once the application has booted, another worker may boot as well.
  const bool may_boot = has_booted_ || was_killed;
  if (worker.kind == Seat::End::Kind::kBootFailed && may_boot) {
    event::log_failure("supervisor: boot next worker", worker.failure);
  }
  if (worker.kind == Seat::End::Kind::kApiGone) {
    end(base::kSystemFailed);
  } else if (worker.kind == Seat::End::Kind::kBootFailed && !may_boot) {
    fail(worker.failure);
  } else if (fruitless >= kMostFruitless) {
    base::log_error("supervisor: serve: the last " + std::to_string(fruitless) +
                    " PHP workers of a slot ended before an event came, the last one with " +
                    (status ? status->describe() : "an unknown exit status"));
    end(base::kFailed);
  }
  return !is_ending();
}

}  // namespace phork::supervisor
