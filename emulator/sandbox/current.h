// SPDX-License-Identifier: MIT
//
// The sandbox that an environment's process is in, for all threads that serve the environment. It
// is frozen from when the runtime waits until it is about to get an event. That it waits is known
// only afterwards, so an event may be quicker than parked(), which then must not freeze what is at
// work. Any thread; no call waits for anything but the others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "emulator/sandbox/sandbox.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

class CurrentSandbox {
 public:
  // A process is about to start in it. Valid until the next call of this or of clear().
  Sandbox* enter(std::unique_ptr<Sandbox> sandbox);
  // The process is in it and runs its program. Nothing freezes before: whoever starts a process in
  // a frozen sandbox waits for it without end.
  void started();
  // The process is about to end: it runs, and is frozen no more.
  void leave();
  // Nobody asks about it any more.
  void clear();

  // The runtime is done with its init or an event and has asked for the next one.
  void asked();
  // It waits, and no event was there. `frozen` is called when that froze it, before handed_out().
  void parked(std::function<void()> frozen);
  // It is about to get an event.
  void handed_out();

  std::optional<std::uint64_t> peak_memory_kb();
  // Whether a process that ended so was killed for want of memory.
  bool out_of_memory(const process::ExitStatus& status);

 private:
  void freeze(const std::function<void()>& frozen);

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Sandbox> sandbox_;
  bool lives_ = false;                  // between enter() and leave()
  bool started_ = false;                // from started() to leave()
  std::function<void()> parked_early_;  // who parked before started()
  bool may_freeze_ = false;
  bool frozen_ = false;
};

}  // namespace phork::emulator
