// SPDX-License-Identifier: MIT
//
// Processes that ask Lambda for events themselves, as the supervisor sees them. The loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "runtime/base/pinned.h"
#include "supervisor/seat.h"

namespace phork::supervisor {

class Workers : private base::Pinned {
 public:
  // Called once, with an exit code, when these serve no more.
  using Ended = std::function<void(int code)>;

  Workers(const Surroundings& around, Ended ended) : around_(around), ended_(std::move(ended)) {}

  virtual ~Workers() = default;

  virtual void start() = 0;
  // Lets the events under way end, and then the workers.
  virtual void stop() = 0;
  // A child of this process has ended or was stopped. Those that were stopped go on, but for one
  // with an event, which may have stopped itself and ends at its deadline.
  virtual void look_for_stopped() = 0;

 protected:
  void end(int code);
  // The same, with a failure that is told to Lambda if no worker has booted yet.
  void fail(const event::Failure& failure);
  // When no process could be started: another try, a few times, after a pause.
  void try_again(const base::Error& error, std::function<void()> start);

  void has_started() { failed_starts_ = 0; }

  bool has_ended() const { return has_ended_; }

  // After the end of a worker: false when no other may take over; then these have ended.
  // `fruitless` counts the workers of its slot in a row that ended before an event came.
  bool may_go_on(const Seat::End& worker, const std::optional<process::ExitStatus>& status,
                 unsigned& fruitless);

  const Surroundings around_;
  bool has_booted_ = false;  // once

 private:
  const Ended ended_;
  bool has_ended_ = false;
  unsigned failed_starts_ = 0;  // in a row
  std::unique_ptr<Watch> retry_;
};

}  // namespace phork::supervisor
