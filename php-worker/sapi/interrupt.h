// SPDX-License-Identifier: MIT
//
// Stopping PHP when its deadline is near. The supervisor sends a signal; PHP is left at its next
// safe point (a jump or a call; a sleep or a blocking read ends early), its stack is logged, and it
// ends as by a fatal error, so that shutdown functions run. What is stuck inside an extension is
// not reached, and is killed later.
#pragma once

#include <chrono>
#include <ctime>

#include "runtime/base/pinned.h"

namespace phork::sapi {

// Once, when PHP has started. Replaces what was installed for that signal.
void install_interrupt();

// Interrupts this process itself, where no supervisor watches the deadline (strategy inprocess).
class InterruptTimer : private base::Pinned {
 public:
  InterruptTimer();
  ~InterruptTimer();

  // Interrupts in `time` from now unless disarmed; at once when that is not positive.
  void arm(std::chrono::nanoseconds time);
  void disarm();

 private:
  timer_t timer_{};
};

}  // namespace phork::sapi
