// SPDX-License-Identifier: MIT
#include "supervisor/supervisor.h"

#include <csignal>
#include <string>
#include <thread>
#include <utility>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/answering.h"

namespace phork::supervisor {

using base::Status;

Supervisor::Supervisor(Config config, std::unique_ptr<strategies::Strategy> strategy,
                       const ApiFactory& make_api)
    : config_(std::move(config)), strategy_(std::move(strategy)) {
  for (unsigned slot = 0; slot < config_.settings.slots; ++slot) apis_.push_back(make_api());
}

int Supervisor::run() {
  // Install before boot, so that a SIGTERM during boot shuts down cleanly.
  loop_.on_signal(SIGTERM, [this] { stop(base::kOk); });
  loop_.on_signal(SIGINT, [this] { stop(base::kOk); });
  if (const auto failure = strategy_->boot()) return fail_init(*failure);
  std::vector<std::jthread> threads;
  for (unsigned slot = 0; slot < config_.settings.slots; ++slot) {
    threads.emplace_back([this, slot] { run_slot(slot); });
  }
  loop_.run();
  threads.clear();  // joins
  strategy_->shut_down();
  return exit_code_;
}

int Supervisor::fail_init(const event::Failure& failure) {
  event::log_failure("supervisor: boot", failure);
  const auto posted = apis_.front()->fail_init(failure);
  if (!posted) base::log_error(posted.error().text);
  strategy_->shut_down();
  return posted ? base::kFailed : base::kSystemFailed;
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
  auto slot = strategy_->open_slot(index);
  if (!slot) return std::move(slot).error();
  logging::EventTimer timer;
  api.while_posting([&] {
    timer.answered();
    slot.value()->begin_renewal();
  });
  Status ended = serve_events(api, *slot.value(), timer);
  api.while_posting({});
  return ended;
}

Status Supervisor::serve_events(lambda::RuntimeApi& api, strategies::Slot& slot,
                                logging::EventTimer& timer) const {
  for (;;) {
    auto invocation = api.next();
    if (!invocation) return std::move(invocation).error();
    timer = {};
    lambda::StreamedAnswer stream(api, invocation.value());
    strategies::Served served = slot.serve(invocation.value(), stream);
    auto posted = lambda::answer(api, invocation.value(), std::move(served.outcome), stream);
    if (!posted) return posted;
    timer.answered();
    if (auto renewed = slot.renew(); !renewed) return renewed;
    config_.metrics.write({invocation->request_id, config_.strategy->name, timer.latency(),
                           timer.elapsed(), served.usage.minor_faults, served.usage.php_us,
                           served.usage.generation, served.usage.ready_us});
  }
}

void Supervisor::stop(int code) {
  if (stopping_.exchange(true)) return;
  exit_code_ = code;
  for (const auto& api : apis_) api->interrupt();
  loop_.stop();
}

}  // namespace phork::supervisor
