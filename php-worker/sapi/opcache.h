// SPDX-License-Identifier: MIT
//
// opcache in a process whose one PHP request holds the boot and all events. Its cache can be
// started again only between two requests, when no process uses it: not under a live zygote, and
// not under classes that an application keeps from one event to the next. So a process that needs
// that says so, and another process takes over, with a cache of its own.
//
// The cache outlives the event that fills it. So code that comes through a stream wrapper of PHP
// code, which may claim any path, is compiled without it, and so is all code once the process has
// changed its root or its namespaces. PHP's one thread.
#pragma once

namespace phork::sapi {

// Call the first before PHP starts its modules, and the second after.
void prepare_opcache_guard();
void guard_opcache();

// From here on events are served. Before, opcache_reset() does nothing, and says that it did: the
// cache is as new as the boot.
void begin_to_serve_with_opcache();

// True when opcache waits for its restart and caches nothing until then: after opcache_reset(), or
// when the cache is full of code that has changed. Asks opcache, in microseconds, if PHP code has
// used it since the last call; otherwise it costs nothing.
bool opcache_awaits_restart();

}  // namespace phork::sapi
