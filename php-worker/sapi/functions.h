// SPDX-License-Identifier: MIT
//
// The functions that this SAPI gives to PHP code: those of php-fpm, with the same names and results
// (https://www.php.net/manual/en/ref.fpm.php, https://www.php.net/getallheaders) and, where answers
// are streamed, two for our PHP library, by which an iterator's values leave piece by piece.
#pragma once

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// The list ends with an empty entry and lives as long as the program.
const zend_function_entry* functions();

}  // namespace phork::sapi
