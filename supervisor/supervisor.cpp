// SPDX-License-Identifier: MIT
#include "supervisor/supervisor.h"

#include <chrono>
#include <csignal>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/answering.h"
#include "runtime/logging/metrics.h"
#include "runtime/process/clone_spawn.h"
#include "supervisor/forked_slots.h"
#include "supervisor/program_slot.h"

namespace phork::supervisor {

using base::Status;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

Supervisor::Supervisor(Config config, std::unique_ptr<strategies::Strategy> strategy,
                       ApiFactory make_api)
    : config_(std::move(config)),
      strategy_(std::move(strategy)),
      make_api_(std::move(make_api)),
      gate_(config_.settings.slots) {
  if (!strategy_) return;
  for (unsigned slot = 0; slot < config_.settings.slots; ++slot) apis_.push_back(make_api_());
}

int Supervisor::run() {
  // Install before boot, so that a SIGTERM during boot shuts down cleanly.
  loop_.on_signal(SIGTERM, [this] { stop(base::kOk); });
  loop_.on_signal(SIGINT, [this] { stop(base::kOk); });
  if (config_.graceful_shutdown) enroll_extension();
  if (config_.trace.format != base::Trace::kOff) tracer_.emplace(config_.trace);
  if (!strategy_) return run_workers();
  if (const auto failure = boot()) return fail_init(*failure);
  if (config_.awaits_restore && !restore_slots()) {
    slots_.clear();
    strategy_->shut_down();
    return exit_code_;
  }
  return run_slots();
}

bool Supervisor::restore_slots() {
  await_restore([this] {
    is_restored_ = true;
    loop_.stop();
  });
  loop_.run();
  if (!is_restored_ || stopping_) return false;
  if (const auto failure = renew_slots()) {
    exit_code_ = report_restore(make_api_, *failure);
    return false;
  }
  return true;
}

// Processes that have run code are replaced by ones that are forked now, with connections of their
// own.
std::optional<event::Failure> Supervisor::renew_slots() {
  for (auto& api : apis_) api = make_api_();
  const auto deadline = steady_clock::now() + kRestoreTimeout;
  for (const auto& slot : slots_) {
    if (const Status replaced = slot->replace_worker(deadline); !replaced) {
      return event::Failure{"Runtime.WorkerLost", replaced.error().text, {}};
    }
  }
  return std::nullopt;
}

void Supervisor::await_restore(std::function<void()> restored) {
  const auto go_on = [this, restored = std::move(restored)] {
    if (tracer_) tracer_->restored();
    if (extension_) {
      extension_watch_.reset();
      extension_->disconnect();
      watch_extension();
    }
    restored();
  };
  const auto fail = [this](const base::Error& error) {
    base::log_error(error.text);
    stop(base::kSystemFailed);
  };
  restore_ = std::make_unique<Restore>(loop_, config_.environment.runtime_api,
                                       Restore::Callbacks{go_on, fail});
  if (tracer_) tracer_->await_restore();
  restore_->ask();
}

// Opens all slots before the first asks for an event: from then on Lambda takes no init error. It
// may fail to start threads of its own.
std::optional<event::Failure> Supervisor::boot() {
  try {
    if (auto failure = strategy_->boot()) return failure;
    loop_.on_signal(SIGCHLD, [this] { strategy_->look_for_stopped(); });
    for (unsigned slot = 0; slot < config_.settings.slots; ++slot) {
      auto opened = strategy_->open_slot(slot);
      if (!opened) return event::Failure{"Runtime.BootFailed", opened.error().text, {}};
      slots_.push_back(std::move(opened).value());
    }
  } catch (const std::system_error& error) {
    return event::Failure{"Runtime.BootFailed", error.what(), {}};
  }
  return std::nullopt;
}

int Supervisor::run_slots() {
  std::vector<std::jthread> threads;
  try {
    for (unsigned slot = 0; slot < config_.settings.slots; ++slot) {
      threads.emplace_back([this, slot] { run_slot(slot); });
    }
  } catch (const std::system_error& error) {
    const auto reason = process::clone_error("supervisor: start the thread of slot " +
                                                 std::to_string(threads.size() + 1) + " of " +
                                                 std::to_string(config_.settings.slots),
                                             error.code().value());
    gate_.fail(reason.text);
    stop(base::kFailed);
  }
  loop_.run();
  threads.clear();  // joins
  if (const auto reason = gate_.failure()) {
    return fail_init({"Runtime.BootFailed", *reason, {}});
  }
  slots_.clear();
  strategy_->shut_down();
  return exit_code_;
}

// Before any slot or worker asks for an event.
void Supervisor::enroll_extension() {
  extension_.emplace(config_.environment.runtime_api);
  if (const Status enrolled = extension_->enroll(); !enrolled) {
    base::log_error(enrolled.error().text + "; there will be no graceful shutdown");
    return;
  }
  watch_extension();
}

void Supervisor::watch_extension() {
  const Status asked = extension_->ask();
  if (!asked) return base::log_warn(asked.error().text);
  extension_watch_ = loop_.on_readable(extension_->socket(), [this] {
    extension_watch_.reset();  // before the descriptor that it watches
    const Status collected = extension_->collect();
    if (!collected) return base::log_warn(collected.error().text);
    watch_extension();
  });
}

int Supervisor::run_workers() {
  loop_.on_signal(SIGCHLD, [this] {
    for (const auto& workers : workers_) workers->look_for_stopped();
  });
  try {
    make_workers();
  } catch (const base::SystemError& error) {
    return fail_init({"Runtime.BootFailed", error.what(), {}});
  }
  for (const auto& workers : workers_) {
    // The one before may have failed, and has stopped all.
    if (!stopping_) workers->start();
  }
  loop_.run();
  workers_.clear();
  return exit_code_;
}

void Supervisor::make_workers() {
  const Surroundings around{loop_, config_, make_api_, tracer_ ? &*tracer_ : nullptr};
  const Workers::Callbacks callbacks{[this](int code) { workers_ended(code); },
                                     [this] { workers_booted(); }, [this] { workers_restored(); }};
  const auto kind = config_.strategy->workers;
  if (kind == strategies::Workers::kForked || kind == strategies::Workers::kRolledBack) {
    workers_.push_back(std::make_unique<ForkedSlots>(around, callbacks));
    return;
  }
  for (unsigned slot = 0; slot < config_.settings.slots; ++slot) {
    workers_.push_back(std::make_unique<ProgramSlot>(around, slot, callbacks));
  }
}

// Lambda makes one snapshot, of all slots.
void Supervisor::workers_booted() {
  if (++booted_workers_ < workers_.size() || stopping_) return;
  await_restore([this] {
    for (const auto& workers : workers_) workers->restore();
  });
}

// From the first `next` on Lambda takes no error of the restore.
void Supervisor::workers_restored() {
  if (++restored_workers_ < workers_.size() || stopping_) return;
  for (const auto& workers : workers_) workers->serve();
}

// An environment serves with all of its slots, or ends.
void Supervisor::workers_ended(int code) {
  ++ended_workers_;
  stop(code);
  if (ended_workers_ == workers_.size()) loop_.stop();
}

int Supervisor::fail_init(const event::Failure& failure) {
  const int code =
      is_restored_ ? report_restore(make_api_, failure) : report_boot(make_api_, failure, true);
  slots_.clear();
  if (strategy_) strategy_->shut_down();
  return code;
}

void Supervisor::run_slot(unsigned index) {
  int code = base::kOk;
  try {
    const Status served = serve_slot(index);
    if (!served && served.error().kind != base::ErrorKind::kStopped) {
      base::log_error(served.error().text);
      code = base::kSystemFailed;
    }
  } catch (const base::SystemError& error) {
    base::log_error(error.what());
    code = base::kSystemFailed;
  }
  stop(code);
}

Status Supervisor::serve_slot(unsigned index) {
  lambda::RuntimeApi& api = *apis_.at(index);
  if (!gate_.arrive()) return base::ok_status();
  strategies::Slot& slot = *slots_.at(index);
  const Surroundings around{loop_, config_, make_api_, tracer_ ? &*tracer_ : nullptr};
  for (;;) {
    const std::uint64_t asked_us = around.traced_now();
    auto invocation = api.next();
    if (!invocation) return std::move(invocation).error();
    const std::uint64_t taken_us = around.traced_now();
    const auto begun = steady_clock::now();
    strategies::Served served = slot.serve(invocation.value());
    const bool failed = std::holds_alternative<event::Failure>(served.outcome);
    auto posted = lambda::answer(api, invocation.value(), std::move(served.outcome));
    if (!posted) return posted;
    const auto answered = steady_clock::now();
    around.trace(index, {invocation->request_id, duration_cast<microseconds>(answered - begun),
                         served.usage.minor_faults, served.usage.php_us, served.usage.generation,
                         served.usage.ready_us, invocation->trace_id, asked_us, taken_us, failed});
    if (auto renewed = slot.renew(); !renewed) return renewed;
    config_.metrics.write({invocation->request_id, config_.strategy->name,
                           duration_cast<microseconds>(answered - begun),
                           duration_cast<microseconds>(steady_clock::now() - begun),
                           served.usage.minor_faults, served.usage.php_us, served.usage.generation,
                           served.usage.ready_us});
  }
}

void Supervisor::stop(int code) {
  if (stopping_.exchange(true)) return;
  exit_code_ = code;
  gate_.close();
  if (!strategy_) {
    for (const auto& workers : workers_) workers->stop();
    return;
  }
  for (const auto& api : apis_) api->interrupt();
  loop_.stop();
}

}  // namespace phork::supervisor
