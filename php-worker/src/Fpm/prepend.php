<?php
// SPDX-License-Identifier: MIT
//
// Under strategy fpm, php-fpm runs this file before the script of a request (auto_prepend_file). A
// script entry then runs as on any server. A handler's file is the script of the request, too, so
// that SCRIPT_FILENAME has the value that the application expects. PHP would drop the value that it
// returns, so it is required here, at global scope and without a variable of our own, and PHP exits
// before it would run the file as the script.

declare(strict_types=1);

namespace Phork\Fpm;

use Throwable;

require_once __DIR__ . '/Front.php';

Front::start(require __DIR__ . '/../boot.php');
try {
    if (Front::prebootFile() !== '') {
        require Front::prebootFile();
    }
    if (Front::scriptTakesOver()) {
        if (Front::prependedFile() !== '') {
            require Front::prependedFile();
        }

        return;
    }
    Front::entryReturned(require Front::entryFile());
} catch (Throwable $phorkThrown) {
    Front::entryThrew($phorkThrown);
}
exit;
