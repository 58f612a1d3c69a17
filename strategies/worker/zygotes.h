// SPDX-License-Identifier: MIT
//
// The zygotes that workers are forked from: the current one, the next one, which boots beside it
// when a refresh is due, and a replacement when the current one dies. Each has a generation number;
// slots move to a new generation between two events. Shared by all slots; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/process/spawn.h"
#include "strategies/strategy.h"

namespace phork::strategies {

// When a zygote is replaced: after a number of events, or of crashed children. Crashes count
// because all children share one memory layout, and an attacker learns something about it from each
// crash.
struct RefreshPolicy {
  unsigned max_events = 0;  // 0: no limit
  unsigned max_crashes = 16;

  bool due(unsigned events, unsigned crashes) const {
    return (max_events != 0 && events >= max_events) || crashes >= max_crashes;
  }
};

// A child of the zygote, after its event:
enum class AfterEvent : std::uint8_t {
  kEnd,
  kRollBack,  // puts its memory back and says ready again, or ends
};

class Zygotes {
 public:
  // A slot's end of its control socket to a zygote.
  struct Control {
    base::Fd socket;
    std::uint32_t generation = 0;
  };

  Zygotes(const Settings& settings, AfterEvent after_event);

  AfterEvent after_event() const { return after_event_; }

  // Boots the first one.
  std::optional<event::Failure> boot();

  // Hands out the slot's control socket to the current zygote; once per slot and generation.
  Control take_control(unsigned slot);

  // The generation that slots should use. Lets the next zygote take over if it has booted, and
  // starts one when a refresh is due. Does not wait.
  std::uint32_t current_generation();
  void count_event(bool crashed);

  // The zygote of `generation` is gone: boots another one, unless another slot has done so already.
  std::optional<event::Failure> replace(std::uint32_t generation);

  void shut_down();

 private:
  struct Zygote {
    std::unique_ptr<process::Process> process;
    std::vector<base::Fd> controls;  // by slot, until take_control() hands them out
    std::uint32_t generation = 0;
  };

  base::Result<std::unique_ptr<Zygote>> start();
  std::optional<event::Failure> await_boot(Zygote& zygote, base::Deadline deadline);
  std::optional<event::Failure> start_current();
  static void end_lost(Zygote& zygote);
  void promote_next();
  void forget_ended();

  const Settings& settings_;
  const AfterEvent after_event_;
  const RefreshPolicy policy_;

  std::mutex mutex_;  // guards the rest
  std::unique_ptr<Zygote> current_;
  std::unique_ptr<Zygote> next_;  // still boots
  // Replaced. Each ends when the last slot has closed its control socket.
  std::vector<std::unique_ptr<Zygote>> retired_;
  std::uint32_t last_generation_ = 0;
  unsigned events_ = 0;  // since the current one took over
  unsigned crashes_ = 0;
};

}  // namespace phork::strategies
