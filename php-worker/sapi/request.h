// SPDX-License-Identifier: MIT
//
// Opens and closes an event's request: the transition between "booted" and "serving this event"
// inside the one request that PHP knows of. Opening an event gives it fresh superglobals, headers,
// output, error state, session, randomness and opcache clock, all from `current_context()`. Closing
// it is needed only where the process serves another event. docs/event-transition.md lists every
// field of the engine that this touches, and why.
//
// PHP's one thread.
#pragma once

#include <cstdint>

#include "runtime/base/pinned.h"

namespace phork::sapi {

// Says whether this process serves another event after the one that is opened.
enum class Lifetime : std::uint8_t { kOneEvent, kManyEvents };

// Makes the random generators of PHP and of C libraries begin anew, with seeds from the kernel.
void reseed_randomness();

// Ends what the boot left open: output goes to the log, headers set at boot are dropped. Keeps what
// boot did to $_ENV and $_SERVER for the events (boot_variables.h).
void close_boot();

// Opens the event that `current_context()` describes. The user's error handler is suspended while
// input is parsed, so that no client can make it run. Shutdown functions of the boot run with the
// event when the process ends with it; otherwise they are set aside. May bail out.
void open_event(Lifetime lifetime);

// Runs shutdown functions and destructors, and writes the session. Destructors run only with
// kOneEvent, because objects of the boot outlive other events. When a step fails, PHP logs it and
// the next step runs.
void end_user_code(Lifetime lifetime);

// Removes uploaded files and closes the resources that the event opened and left open, so that
// temporary files disappear. Resources of the boot stay open: the zygote has them too. For a
// process that ends with its event.
void close_resources();

// Undoes open_event() so that another event can be opened in this process.
void close_event();

// As long as this lives, PHP's request opens without the session that session.auto_start asks for.
// PHP's session module keeps its state for a whole request, and one request holds the boot and all
// events: a session begun at boot would belong to nobody, and then to everybody.
class NoAutoStart : private base::Pinned {
 public:
  NoAutoStart();
  ~NoAutoStart();

 private:
  const bool configured_;
};

}  // namespace phork::sapi
