// SPDX-License-Identifier: MIT
//
// The transition between "booted" and "serving this event" inside PHP's one request. Opening gives
// an event fresh superglobals, headers, output, error state, randomness and opcache clock out of
// `current_exchange()`; closing is needed only where the process serves another event.
//
// Every field of the engine that this touches, and why, is in docs/event-transition.md.
#pragma once

#include <cstdint>

namespace phork::sapi {

// Whether this process serves another event after the one that is opened.
enum class Lifetime : std::uint8_t { kOneEvent, kManyEvents };

// PHP's generators seed themselves anew, from the kernel, on their next use.
void reseed_randomness();

// Ends what the boot left open: output to the log, boot-time headers dropped.
void close_boot();

// Opens the event that `current_exchange()` describes. The user's error handler is suspended while
// input is parsed, so that no client can run it. Shutdown functions of the boot run with the event
// when the process ends with it, else they are set aside. May bail out.
void open_event(Lifetime lifetime);

// Runs shutdown functions, destructors (kOneEvent only: objects of the boot outlive other events)
// and writes the session. A step that fails is logged by PHP and the next one is taken.
void end_user_code(Lifetime lifetime);

// Removes uploaded files and closes what the event opened and did not close, so that temporary
// files go; what the boot opened is not this process's alone. For a process that ends with its
// event.
void close_resources();

// Undoes open_event() so that another event can be opened in this process.
void close_event();

}  // namespace phork::sapi
