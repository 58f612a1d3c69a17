// SPDX-License-Identifier: MIT
//
// Changes that the application's boot made to $_ENV and $_SERVER, as Dotenv does. PHP makes both
// anew for each event; there the changes are made again, over the environment and below the
// request. PHP's one thread.
#pragma once

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// Notes entries that boot has added, changed or removed. Call it when the application's boot is
// over.
void keep_boot_variables();

// Call it before PHP's request ends, which frees what was kept.
void forget_boot_variables();

// Repeats the changes of $_SERVER in `server`, which has the environment and nothing of the request
// yet.
void add_boot_server_variables(zval* server);

// Repeats the changes of $_ENV in the $_ENV of the event.
void add_boot_environment();

}  // namespace phork::sapi
