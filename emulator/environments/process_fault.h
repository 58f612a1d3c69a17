// SPDX-License-Identifier: MIT
//
// Faults that happen to the processes of a runtime: kills them all, or stops them for a while, as a
// machine does that is frozen or starved. Owned by the environment; told of its process by the
// keeper, and of faults by whatever thread they are due on. Touches no process that may have been
// reaped.
#pragma once

#include <condition_variable>
#include <mutex>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/fault.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class ProcessFault : private base::Pinned {
 public:
  ProcessFault() = default;

  ~ProcessFault() { detach(true); }

  // There is a process with these descendants, until detach(), which must come before it is reaped.
  // Whether what is stopped `goes_on` then is for who ends it to say: it may answer an event.
  void attach(pid_t root);
  void detach(bool goes_on);

  // A freeze ends by itself, a kill may come later. An event without any time finds its runtime
  // stopped, so that it is the platform that ends it.
  void inject(const Fault& fault);

 private:
  void act_later();
  void thaw();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  pid_t root_ = 0;
  std::vector<pid_t> frozen_;
  Clock::time_point thaw_at_ = Clock::time_point::max();
  Clock::time_point kill_at_ = Clock::time_point::max();
  std::thread later_;  // from the first fault on
};

}  // namespace phork::emulator
