// SPDX-License-Identifier: MIT
//
// Starts PHP in this process and opens the one request in which everything happens: the boot, the
// rehearsal and the events. PHP is never shut down: a worker ends by _exit, and what a request's
// end would do for the user (shutdown functions, sessions, uploads) is done per event. Only where
// one process runs a script for many events is each given a request of its own.
#pragma once

#include "runtime/base/result.h"

namespace phork::sapi {

// `executable` is argv[0]. Call once, before anything of PHP.
base::Status start_php(char* executable);

// Ends PHP's request, with all that user code has left in memory, and opens the next one. Shutdown
// functions have been run. The application is to be booted again.
base::Status reopen_request();

}  // namespace phork::sapi
