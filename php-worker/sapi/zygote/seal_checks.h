// SPDX-License-Identifier: MIT
//
// The seal's checks of the process itself: state that boot and rehearsal may have left there and
// that no event may start with, or that would hurt the zygote. State that an application sets up on
// purpose stays: ini settings, error handlers, locale, signal handlers. Called in the zygote, on
// PHP's one thread, when no PHP code runs any more.
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::sapi {

// A session that boot opened and did not close is a failure: it holds the lock of some visitor's
// data.
std::optional<event::Failure> find_open_session();

// Clears the last errors of json, pcre, libxml, intl and openssl, and strtok()'s text.
void forget_errors();

// Forgets where paths lead that depend on the process, such as /proc/self and /dev/stdin, which PHP
// remembers in its realpath cache.
void forget_own_paths();

// Closes the boot's connections to PostgreSQL: pg_connect() returns one that it has made for the
// same text, and functions without a connection use the last one. Persistent ones stay with PHP,
// which from here on looks if a link is alive before it gives it to an event.
void close_links();

// Stops alarms and interval timers: they would fire in the zygote, and children do not inherit
// them. Warns of those that the application's code may be waiting for.
void disarm_timers();

// Warns of locked memory, which children do not inherit.
void report_locked_memory();

// The names of all threads of this process but the calling one, as the kernel shows them. fork()
// copies only the calling thread: in a child the others are gone, but what they had locked stays
// locked.
std::vector<std::string> other_threads();

// The disposition of SIGCHLD. The zygote has to hear of its children's ends, whatever boot did with
// that signal; a child gets the boot's disposition back.
class ChildSignal {
 public:
  void take();
  void give_back() const;

 private:
  struct sigaction of_boot_ {};

  bool taken_ = false;
};

}  // namespace phork::sapi
