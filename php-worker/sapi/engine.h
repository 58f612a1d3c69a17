// SPDX-License-Identifier: MIT
//
// Starts PHP in this process and opens the one request in which everything happens: the boot, the
// rehearsal and the events.
//
// PHP is never shut down. A worker ends with _exit, and the work that PHP does for the user at the
// end of a request (shutdown functions, sessions, uploads) is done for each event. Only where one
// process runs a script for many events does each event get a PHP request of its own.
#pragma once

#include "php-worker/sapi/file_cache.h"
#include "runtime/base/result.h"

namespace phork::sapi {

// `executable` is argv[0]. Call this once, before anything else of PHP.
base::Status start_php(char* executable, FileCache use = FileCache::kRead);

// Ends PHP's request, and with it everything that user code has left in memory, and opens the next
// one. Call it after shutdown functions have run; then boot the application again.
base::Status reopen_request();

}  // namespace phork::sapi
