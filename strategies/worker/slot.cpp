// SPDX-License-Identifier: MIT
#include "strategies/worker/slot.h"

#include <utility>

#include "runtime/base/log.h"

namespace phork::strategies {

using base::Result;
using event::Failure;

std::optional<Failure> WorkerSlot::open() {
  start_spares();
  if (auto failure = await_spares()) return failure;
  if (ready_.size() < spares_) return Failure{"Runtime.BootFailed", "no worker can be started", {}};
  return std::nullopt;
}

Served WorkerSlot::serve(const event::Invocation& invocation, event::AnswerStream& stream) {
  auto worker = take_worker();
  if (!worker) return {Failure{"Runtime.WorkerNotStarted", worker.error().text, {}}, {}};
  Served served = worker.value()->serve(invocation, stream);
  if (worker.value()->used()) {
    used_ = std::move(worker).value();
  } else {
    // The event could not be encoded, or the worker did not boot: it has served nothing.
    ready_.push_front(std::move(worker).value());
  }
  return served;
}

void WorkerSlot::begin_renewal() {
  // A worker that comes back fills its own place, and a stale source has to end its workers first.
  if (used_ && source_->takes_back(*used_)) return;
  if (!source_->stale()) start_spares();
}

base::Status WorkerSlot::renew() {
  take_back_used();
  if (source_->stale()) refresh_source();
  // Start the next worker before the last one has ended: two processors do both at once.
  start_spares();
  retire_used();
  // We may learn only here that the zygote died; boot a new one now, not inside the next event.
  if (ready_.size() < spares_ && source_->stale()) {
    refresh_source();
    start_spares();
  }
  if (const auto failure = await_spares()) {
    base::log_error("strategies: boot next worker: " + failure->type + ": " + failure->message);
  }
  return base::ok_status();
}

Result<std::unique_ptr<Worker>> WorkerSlot::take_worker() {
  while (!ready_.empty()) {
    std::unique_ptr<Worker> worker = std::move(ready_.front());
    ready_.pop_front();
    if (worker->ready()) return worker;
    base::log_warn("strategies: a ready worker ended before its event; starting another one");
    worker->retire();
  }
  auto started = source_->start();
  if (started || !source_->stale()) return started;
  source_->refresh();
  return source_->start();
}

void WorkerSlot::refresh_source() {
  retire_used();
  for (const auto& spare : ready_) spare->retire();
  ready_.clear();
  source_->refresh();
}

void WorkerSlot::start_spares() {
  while (ready_.size() < spares_) {
    auto started = source_->start();
    if (!started) {
      base::log_error(started.error().text);
      return;
    }
    ready_.push_back(std::move(started).value());
  }
}

std::optional<Failure> WorkerSlot::await_spares() {
  const base::Deadline deadline = std::chrono::steady_clock::now() + settings_.boot_timeout;
  std::optional<Failure> last;
  for (auto& worker : ready_) {
    auto failure = worker->await_ready(deadline);
    if (!failure) continue;
    worker->retire();
    worker.reset();
    last = std::move(failure);
  }
  std::erase(ready_, nullptr);
  return last;
}

void WorkerSlot::take_back_used() {
  if (!used_ || !source_->takes_back(*used_) || !used_->await_return()) return;
  source_->ended(*used_);
  ready_.push_back(std::move(used_));
}

void WorkerSlot::retire_used() {
  if (!used_) return;
  used_->retire();
  source_->ended(*used_);
  used_.reset();
}

}  // namespace phork::strategies
