// SPDX-License-Identifier: MIT
//
// Starts PHP in this process and opens the one request in which everything happens: the boot, the
// rehearsal and the events. PHP is never shut down: a worker ends by _exit, and what a request's
// end would do for the user (shutdown functions, sessions, uploads) is done per event.
#pragma once

#include "runtime/base/result.h"

namespace phork::sapi {

// `executable` is argv[0]. Call once, before anything of PHP.
base::Status start_php(char* executable);

}  // namespace phork::sapi
