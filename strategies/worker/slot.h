// SPDX-License-Identifier: MIT
//
// A slot that serves each event with a worker of its own, or with one that has been made as good as
// new. Strategies exec, prespawn, fork and rollback are this slot with another source of workers
// and another number of them kept ready.
#pragma once

#include <deque>
#include <memory>

#include "runtime/base/pinned.h"
#include "strategies/strategy.h"
#include "strategies/worker/worker.h"

namespace phork::strategies {

// Where workers of one slot come from; outlives them.
class WorkerSource : private base::Pinned {
 public:
  WorkerSource() = default;
  virtual ~WorkerSource() = default;

  // A worker that has been started and may not have booted yet.
  virtual base::Result<std::unique_ptr<Worker>> start() = 0;

  // Whether the workers of this source must end, and refresh() be called, before more are started.
  virtual bool stale() { return false; }

  virtual void refresh() {}

  // Whether `worker`, whose event has its answer, is to serve another one. It is waited for until
  // it says ready again, and retired when it does not.
  virtual bool takes_back(const Worker& /*worker*/) { return false; }

  // Told about each worker that was used, once for each event.
  virtual void ended(const Worker& /*worker*/) {}
};

class WorkerSlot final : public Slot {
 public:
  // `spares` workers wait ready between events; with 0 each is started for its event.
  WorkerSlot(std::unique_ptr<WorkerSource> source, const Settings& settings, unsigned spares)
      : source_(std::move(source)), settings_(settings), spares_(spares) {}

  // Starts the first workers; the failure of a boot.
  std::optional<event::Failure> open();

  Served serve(const event::Invocation& invocation, event::AnswerStream& stream) override;
  void begin_renewal() override;
  base::Status renew() override;

 private:
  // A ready worker, or a new one that still boots; an error when none can be started.
  base::Result<std::unique_ptr<Worker>> take_worker();
  // Ends all workers of the source before it is refreshed.
  void refresh_source();
  void start_spares();
  // Waits for those that were just started. The failure of the last one that failed.
  std::optional<event::Failure> await_spares();
  // Readies the used worker for another event, where its source wants it back and it comes.
  void take_back_used();
  void retire_used();

  std::unique_ptr<WorkerSource> source_;  // first: outlives the workers
  const Settings& settings_;
  unsigned spares_;
  std::deque<std::unique_ptr<Worker>> ready_;
  std::unique_ptr<Worker> used_;
};

}  // namespace phork::strategies
