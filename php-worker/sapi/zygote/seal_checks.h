// SPDX-License-Identifier: MIT
//
// What boot and rehearsal may have left in the process that no event shall start with, or that
// would hurt the zygote itself. What an application sets up on purpose stays: ini, handlers,
// locale, signal handlers. In the zygote, PHP's one thread, when no PHP runs any more.
#pragma once

#include <csignal>
#include <optional>
#include <string>

#include "runtime/event/invocation.h"

namespace phork::sapi {

// A session that boot opened and did not close: it holds the lock of some visitor's data.
std::optional<event::Failure> find_open_session();

// What json, pcre, libxml, intl and openssl remember of their last errors, and strtok() of its
// text.
void forget_errors();

// Alarms and interval timers would fire in the zygote, and children do not inherit them. Warns of
// those that code may be waiting for.
void disarm_timers();

// Memory that is locked in the zygote is not in its children. Warns.
void report_locked_memory();

// The zygote must hear of its children's ends, whatever boot has made of SIGCHLD. A child gets the
// boot's way back.
class ChildSignal {
 public:
  void take();
  void give_back() const;

 private:
  struct sigaction of_boot_ {};

  bool taken_ = false;
};

}  // namespace phork::sapi
