// SPDX-License-Identifier: MIT
//
// PHP's session module between events. It keeps its state for PHP's request, and one such request
// holds the boot and the events: without this a session would begin at boot, for nobody, and be
// everybody's afterwards. PHP's one thread.
#pragma once

#include "runtime/base/pinned.h"

namespace phork::sapi {

// While it lives, PHP's request is opened without the session that session.auto_start asks for.
class NoAutoStart : private base::Pinned {
 public:
  NoAutoStart();
  ~NoAutoStart();

 private:
  const bool told_;
};

// Begins the event's session where php.ini says so. `$_COOKIE` is there.
void begin_session();

// Writes the session that is open, and closes it.
void write_session();

// The next event's session has an id of its own. Handlers that the boot has set stay.
void forget_session();

}  // namespace phork::sapi
