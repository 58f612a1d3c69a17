// SPDX-License-Identifier: MIT
//
// The functions PHP calls to reach the outside: output, headers, body, cookies, server variables,
// log. All work on `current_exchange()` and are called on PHP's one thread.
#pragma once

#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {

// The module to start PHP with. Its name is `fpm-fcgi`: opcache works only under names it knows,
// and frameworks ask PHP_SAPI what they may expect.
sapi_module_struct& sapi_module_table();

// Settings that overrule php.ini; given to the module after sapi_startup(), which clears them.
char* forced_ini();

// Ends the output of an HTTP entry: what PHP still buffers goes into the body and the headers are
// fixed. May bail out, as output callbacks are user code.
void complete_response();

}  // namespace phork::sapi
