// SPDX-License-Identifier: MIT
//
// Commands of a console: `bin/console`, `artisan`. A command's file runs in a copy of this process
// under every strategy, because it may call exit(), change anything and print to descriptors. The
// copy begins with all that the boot has loaded. What it prints goes to the log at once; with
// PHORK_CONSOLE_OUTPUT, to that file. It gets SIGTERM when the runtime is stopped.
#pragma once

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// For our PHP library: phork_run_command(int $most, string $name): array{int, string, int}. Runs
// the entry, of which messages have the command's `$name`, and returns its exit code, 128 and the
// signal's number for one that a signal has ended; the last `$most` bytes of its output; and the
// number of bytes before them. The list lives as long as the program.
const zend_function_entry* console_functions();

}  // namespace phork::sapi
