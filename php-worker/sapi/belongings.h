// SPDX-License-Identifier: MIT
//
// Tells what belongs to an event from what belongs to the boot: objects, resources, persistent
// connections and shutdown functions. At its end an event's belongings are ended in PHP's order, so
// that the world outside hears of it: a connection says goodbye, an archive is written. The boot's
// are left alone in a copy of a booted process, because the original and its other copies have them
// too. In a process that no copies were made of, everything belongs to its last event.
//
// PHP's one thread.
#pragma once

#include <cstddef>

namespace phork::sapi {

struct BootCounts {
  std::size_t objects = 0;
  std::size_t without_destructor = 0;  // neither PHP code nor an extension's
  std::size_t destructors = 0;         // of PHP code
  std::size_t shutdown_functions = 0;
};

// In the zygote, when no PHP code runs any more: marks all objects as the boot's. Those without a
// destructor, of their class or of their extension's handlers, get PHP's flag "destructor called".
// At the end of an event PHP sets it on every object, destructor or not, and in a child that copies
// each heap page with an object on it. When the flag is set already, PHP only reads it: with 30,000
// objects an event has some 500 page faults fewer.
BootCounts mark_boot();

// In a copy, before it runs user code: everything until now is the boot's. Sets the boot's shutdown
// functions aside. Does nothing when it was called before.
void begin_belongings();

// For a process that serves other events: sets the shutdown functions that exist aside, and gives
// them back, when those of the event have run.
void set_shutdown_functions_aside();
void give_shutdown_functions_back();

// Calls destructors in PHP's order: of global variables first. When one bails out no other is
// called, as in PHP.
void destroy_belongings();

// Closes resources and frees what objects hold, the last one first, then closes persistent
// connections. Memory is left alone: it goes with the process, or is put back. Call it after
// destroy_belongings(), when no PHP code runs any more. Does not bail out.
void free_belongings();

}  // namespace phork::sapi
