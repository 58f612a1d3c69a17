// SPDX-License-Identifier: MIT
//
// Processes that ask Lambda for events themselves, as the supervisor sees them. The loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "runtime/base/exit_code.h"
#include "runtime/base/pinned.h"
#include "supervisor/seat.h"

namespace phork::supervisor {

class Workers : private base::Pinned {
 public:
  // Called once, with an exit code, when these serve no more and have no process left.
  using Ended = std::function<void(int code)>;

  Workers(const Surroundings& around, Ended ended) : around_(around), ended_(std::move(ended)) {}

  virtual ~Workers() = default;

  virtual void start() = 0;

  void stop() { end(base::kOk); }

  // A child of this process has ended or was stopped. Those that were stopped go on, but for one
  // with an event, which may have stopped itself and ends at its deadline.
  virtual void look_for_stopped() = 0;

 protected:
  // From here on these take no event. Ended follows, with the first code, when wind_down() is over.
  void end(int code);
  // Lets the events under way end, and then the workers.
  virtual void wind_down() = 0;
  virtual bool has_processes() const = 0;
  // To be called when a process has ended.
  void look_for_end();
  // The same as end(), with a failure that is told to Lambda if no worker has booted yet.
  void fail(const event::Failure& failure);
  // When no process could be started: another try, a few times, after a pause.
  void try_again(const base::Error& error, std::function<void()> start);

  void has_started() { failed_starts_ = 0; }

  bool is_ending() const { return exit_code_.has_value(); }

  // After the end of a worker: false when no other may take over; then these are ending.
  // `fruitless` counts the workers of its slot in a row that ended before an event came.
  bool may_go_on(const Seat::End& worker, const std::optional<process::ExitStatus>& status,
                 unsigned& fruitless);

  const Surroundings around_;
  bool has_booted_ = false;  // once

 private:
  const Ended ended_;
  std::optional<int> exit_code_;
  bool has_ended_ = false;
  unsigned failed_starts_ = 0;  // in a row
  std::unique_ptr<Watch> retry_;
};

}  // namespace phork::supervisor
