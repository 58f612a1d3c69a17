// SPDX-License-Identifier: MIT
//
// The functions that php-fpm gives to PHP code, with the same names and results:
// https://www.php.net/manual/en/ref.fpm.php and https://www.php.net/getallheaders
#pragma once

#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {

// Ends with an empty entry; lives as long as the program. Where answers are streamed there are two
// more, for our PHP library: what an iterator makes leaves piece by piece.
const zend_function_entry* functions();

}  // namespace phork::sapi
