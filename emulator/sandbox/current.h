// SPDX-License-Identifier: MIT
//
// The sandbox of an environment's current process, shared by all threads that serve the
// environment. Freezes it while the runtime waits for an event. The emulator learns a little late
// that a runtime waits, so an event may arrive before parked() is called, which must not freeze a
// busy runtime then. Any thread; calls wait only for one another.
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
  // Takes over `sandbox` for a process that is about to start. The result is valid until the next
  // call of enter() or clear().
  Sandbox* enter(std::unique_ptr<Sandbox> sandbox);
  // The process runs its program in the sandbox. Freezing it earlier would block the start for
  // ever.
  void started();
  // The process is about to end: thaws it for good.
  void leave();
  // Destroys the sandbox.
  void clear();

  // The runtime has finished its init or an event, and asked for the next one.
  void asked();
  // The runtime waits for an event. Calls `frozen` if this freezes it, before handed_out().
  void parked(std::function<void()> frozen);
  // The runtime is about to receive an event.
  void handed_out();

  std::optional<std::uint64_t> peak_memory_kb();
  // True if a process with this exit status was killed because the memory limit was reached.
  bool out_of_memory(const process::ExitStatus& status);

 private:
  void freeze(const std::function<void()>& frozen);

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Sandbox> sandbox_;
  bool lives_ = false;                  // between enter() and leave()
  bool started_ = false;                // from started() to leave()
  std::function<void()> parked_early_;  // argument of a parked() before started()
  bool may_freeze_ = false;
  bool frozen_ = false;
};

}  // namespace phork::emulator
