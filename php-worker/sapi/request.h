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
#include <functional>
#include <optional>

#include "runtime/base/pinned.h"
#include "runtime/event/invocation.h"

namespace phork::sapi {

// Of the process that serves an event.
enum class Lifetime : std::uint8_t {
  kProcess,     // ends with the event, and with it all that boot made
  kCopy,        // of a booted process: ends with the event, or is put back, and the boot lives on
  kManyEvents,  // serves another event
};

// Makes the random generators of PHP and of C libraries begin anew, with seeds from the kernel.
void reseed_randomness();

// Ends what the boot left open: output goes to the log, headers set at boot are dropped, and the
// request that extensions had (module_requests.h). Keeps what boot did to $_ENV and $_SERVER for
// the events (boot_variables.h).
void close_boot();

// Opens the event that `current_context()` describes. The user's error handler is suspended while
// input is parsed, so that no client can make it run. May bail out.
void open_event(Lifetime lifetime);

// Runs shutdown functions and destructors, and writes the session: those of the event, with
// kProcess also the boot's. With kManyEvents no destructors, because objects of the boot outlive
// other events. When a step fails, PHP logs it and the next step runs.
void end_user_code(Lifetime lifetime);

// Ends PHP's request in a process that ends with its event, or is put back, when the answer has
// left: extensions end their request, uploaded files are removed, and what the event made is closed
// and freed (belongings.h).
void finish_event();

// Undoes open_event() so that another event can be opened in this process.
void close_event();

// Runs PHP code that belongs to no event, such as hooks, with what PHP code needs: the output
// layer, whose output goes where boot's goes, and a request of the extensions. A buffer that the
// code leaves open ends with it.
std::optional<event::Failure> run_between_events(
    const std::function<std::optional<event::Failure>()>& code);

// In a process that has booted for events and gets no more: runs `hooks` and what boot registered
// for PHP's end, and ends PHP's request.
void end_boot(const std::function<void()>& hooks);

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
