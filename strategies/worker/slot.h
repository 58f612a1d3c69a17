// SPDX-License-Identifier: MIT
//
// A slot that serves each event with a worker of its own, or with a worker that has put its state
// back. The strategies exec, prespawn, fork and rollback are this slot with different sources of
// workers and a different number of workers kept ready.
#pragma once

#include <deque>
#include <memory>

#include "runtime/base/pinned.h"
#include "strategies/strategy.h"
#include "strategies/worker/worker.h"

namespace phork::strategies {

// Makes the workers of one slot, and outlives them. Used by the thread of that slot.
class WorkerSource : private base::Pinned {
 public:
  WorkerSource() = default;
  virtual ~WorkerSource() = default;

  // A worker that has been started and may not have booted yet.
  virtual base::Result<std::unique_ptr<Worker>> start() = 0;

  // True when all workers of this source must end, and refresh() be called, before it starts more.
  virtual bool stale() { return false; }

  virtual void refresh() {}

  // True when `worker`, which has answered its event, may serve another one. The slot waits until
  // it says ready again, and retires it when it does not.
  virtual bool takes_back(const Worker& /*worker*/) { return false; }

  // Called once for each event that was served, with the worker that served it.
  virtual void ended(const Worker& /*worker*/) {}
};

class WorkerSlot final : public Slot {
 public:
  // Keeps `spares` workers ready between two events. With 0, each event starts its own worker.
  WorkerSlot(std::unique_ptr<WorkerSource> source, const Settings& settings, unsigned spares)
      : source_(std::move(source)), settings_(settings), spares_(spares) {}

  // Starts the first workers and waits for them. Returns why one of them did not boot.
  std::optional<event::Failure> open();

  Served serve(const event::Invocation& invocation, event::AnswerStream& stream) override;
  void begin_renewal() override;
  base::Status renew() override;

 private:
  // A ready worker, or a new one that still boots; an error when it cannot be started.
  base::Result<std::unique_ptr<Worker>> take_worker();
  // Ends all workers of the source, then refreshes it.
  void refresh_source();
  void start_spares();
  // Waits until all spares have booted. Returns the failure of the last one that did not.
  std::optional<event::Failure> await_spares();
  // Keeps the used worker for another event, if its source wants it back and it becomes ready.
  void take_back_used();
  void retire_used();

  std::unique_ptr<WorkerSource> source_;  // first: outlives the workers
  const Settings& settings_;
  unsigned spares_;
  std::deque<std::unique_ptr<Worker>> ready_;
  std::unique_ptr<Worker> used_;
};

}  // namespace phork::strategies
