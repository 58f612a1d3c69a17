// SPDX-License-Identifier: MIT
//
// The zygotes that workers are forked from: the one that forks now, the next one that boots beside
// it when a refresh is due, and a new one when it died. Each has a generation; slots move over
// between two events. Shared by all slots and safe to use from their threads.
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

// When a zygote has forked enough: after a number of events, or of children that crashed. Crashes
// count because all children share one memory layout, which each crash tells something about.
struct RefreshPolicy {
  unsigned max_events = 0;  // 0: no limit
  unsigned max_crashes = 16;

  bool due(unsigned events, unsigned crashes) const {
    return (max_events != 0 && events >= max_events) || crashes >= max_crashes;
  }
};

// What the children of a zygote do when their event is over.
enum class AfterEvent : std::uint8_t {
  kEnd,
  kRollBack,  // put their memory back and say ready again, or end
};

class Zygotes {
 public:
  // A slot's line to a zygote.
  struct Control {
    base::Fd socket;
    std::uint32_t generation = 0;
  };

  Zygotes(const Settings& settings, AfterEvent after_event);

  AfterEvent after_event() const { return after_event_; }

  // Boots the first one.
  std::optional<event::Failure> boot();

  // Takes the slot's line to the current zygote; once per slot and generation.
  Control take_control(unsigned slot);

  // The generation that slots should be on. Looks whether the next zygote has booted meanwhile, and
  // starts one when that is due.
  std::uint32_t current_generation();
  void count_event(bool crashed);

  // The zygote of `generation` is gone. Boots another one unless that has happened already.
  std::optional<event::Failure> replace(std::uint32_t generation);

  void shut_down();

 private:
  struct Zygote {
    std::unique_ptr<process::Process> process;
    std::vector<base::Fd> controls;  // of slots that have not taken theirs
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

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Zygote> current_;
  std::unique_ptr<Zygote> next_;  // boots
  // Replaced, and about to end: each does when the last slot has closed its line.
  std::vector<std::unique_ptr<Zygote>> retired_;
  std::uint32_t last_generation_ = 0;
  unsigned events_ = 0;  // since the current one took over
  unsigned crashes_ = 0;
};

}  // namespace phork::strategies
