<?php
// SPDX-License-Identifier: MIT
//
// What php-fpm runs before the script of a request (auto_prepend_file) under strategy fpm. A script
// entry then runs as it does on any server. A handler's file is the script of the request too, so
// that SCRIPT_FILENAME and the like are what the application expects; but what it returns is for
// us, and PHP drops what a script returns: hence it is required here, at global scope and without a
// variable of our own there, and PHP ends before its turn comes.

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
