// SPDX-License-Identifier: MIT
//
// `.user.ini`: settings that an application has in its own folders, read for each request as
// php-fpm reads them. https://www.php.net/manual/en/configuration.file.per-user.php
#pragma once

namespace phork::sapi {

// Applies the files in the folders from the document root down to that of the script which
// `current_exchange()` runs. For the `activate` callback of PHP's SAPI; without a script it does
// nothing.
int apply_user_ini();

}  // namespace phork::sapi
