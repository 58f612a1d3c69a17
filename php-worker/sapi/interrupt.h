// SPDX-License-Identifier: MIT
//
// Stops PHP when its deadline is near. The supervisor sends a signal. PHP stops at its next safe
// point (a jump or a call; a sleep or a blocking read ends early), logs its stack, and ends as
// after a fatal error, so that shutdown functions run. Code that is stuck inside an extension never
// gets there, and the supervisor kills the process later.
#pragma once

#include <chrono>
#include <ctime>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

// Call once, when PHP has started. Replaces the signal's handler.
void install_interrupt();

// Where one process serves many events, a signal that arrives late must not interrupt the next one:
// from here on a signal before `time` has no effect. Without a call every signal interrupts.
void interrupt_from(base::Deadline time);

// Interrupts this process where no supervisor watches a deadline: in a rehearsal.
class InterruptTimer : private base::Pinned {
 public:
  InterruptTimer();
  ~InterruptTimer();

  // Interrupts in `time` from now unless disarmed; at once when `time` is not positive.
  void arm(std::chrono::nanoseconds time);
  void disarm();

 private:
  timer_t timer_{};
};

}  // namespace phork::sapi
