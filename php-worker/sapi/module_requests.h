// SPDX-License-Identifier: MIT
//
// The requests that PHP's extensions see. Each event is one: an agent that watches applications, a
// debugger, a compressor of output begin and end their work with it. Boot is one too, because an
// extension may be used only within a request; it ends when boot has run. Extensions that keep
// settings of the boot in their request state see one request, that of the process.
// docs/event-transition.md lists them, with the reason for each.
//
// PHP's one thread. Requests begin and end in turns, whatever bails out in between.
#pragma once

namespace phork::sapi {

// PHP itself has begun the first request: php_request_startup().
void modules_were_started();

// Before input is read, as PHP does it: the `activate` of Zend extensions.
void activate_zend_extensions();

// When the superglobals are there. May bail out.
void start_modules();

// Before resources are closed and objects freed. Does not bail out.
void shut_down_modules();

// After that: the `deactivate` of Zend extensions, then what modules do last. Does not bail out.
void deactivate_modules();

// Begins a request if none is open: php_request_shutdown() is going to end one. May bail out.
void start_modules_for_shutdown();

// Between these two calls Xdebug does not start by itself, whatever xdebug.start_with_request says:
// for code that belongs to no event. A connection of the boot would keep events from having theirs.
void hold_debugger();
void release_debugger();

}  // namespace phork::sapi
