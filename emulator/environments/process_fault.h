// SPDX-License-Identifier: MIT
//
// Applies faults to the processes of a runtime: kills them all, or stops them for a while, like a
// frozen or overloaded machine. Owned by the environment: its monitor attaches the process, and any
// thread injects faults. Never signals a pid that may have been reaped.
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

  // From here on faults apply to `root` and its descendants, until detach(), which must come before
  // `root` is reaped. With `goes_on`, detach() lets stopped processes continue.
  void attach(pid_t root);
  void detach(bool goes_on);

  // A freeze ends by itself; a kill may be delayed. For an event without any time, the runtime is
  // stopped, so that the platform's timeout always comes first.
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
  std::thread later_;  // thaws and kills; runs from the first fault on
};

}  // namespace phork::emulator
