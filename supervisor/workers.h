// SPDX-License-Identifier: MIT
//
// Processes that ask Lambda for events themselves, as the supervisor sees them. The loop's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "runtime/base/exit_code.h"
#include "runtime/base/pinned.h"
#include "supervisor/seat.h"

namespace phork::supervisor {

class Workers : private base::Pinned {
 public:
  struct Callbacks {
    // Called once, with an exit code, when these serve no more and have no process left.
    std::function<void(int code)> ended;
    // Where the configuration awaits a restore, each called once: all processes that are to live on
    // have booted; and after restore(), all are ready.
    std::function<void()> booted;
    std::function<void()> restored;
  };

  Workers(const Surroundings& around, Callbacks callbacks)
      : around_(around),
        callbacks_(std::move(callbacks)),
        phase_(around.config.awaits_restore ? Phase::kBooting : Phase::kServing) {}

  virtual ~Workers() = default;

  virtual void start() = 0;

  // Where the configuration awaits a restore, workers take no event before serve(), and go through
  // both steps. After booted(): the environment has been restored from a snapshot. Processes that
  // boot later go through the same steps, with no pause between them.
  void restore();
  // After restored().
  void serve();

  void stop() { end(base::kOk); }

  // A child of this process has ended or was stopped. Those that were stopped go on, but for one
  // with an event, which may have stopped itself and ends at its deadline.
  virtual void look_for_stopped() = 0;

 protected:
  enum class Phase : std::uint8_t { kBooting, kRestoring, kServing };

  Phase phase() const { return phase_; }

  virtual void begin_restore() = 0;
  virtual void begin_serving() = 0;

  // Each counts once.
  void all_booted();
  void all_restored();

  // From here on these take no event. Ended follows, with the first code, when wind_down() is over.
  void end(int code);
  // Lets the events under way end, and then the workers.
  virtual void wind_down() = 0;
  virtual bool has_processes() const = 0;
  // To be called when a process has ended.
  void look_for_end();

  // The same as end(), with a failure. It is told to Lambda if `is_first`, by default if no worker
  // has booted yet.
  void fail(const event::Failure& failure) { fail(failure, !has_booted_); }

  void fail(const event::Failure& failure, bool is_first);
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
  const Callbacks callbacks_;
  Phase phase_;
  bool told_booted_ = false;
  bool told_restored_ = false;
  std::optional<int> exit_code_;
  bool has_ended_ = false;
  unsigned failed_starts_ = 0;  // in a row
  std::unique_ptr<Watch> retry_;
};

}  // namespace phork::supervisor
