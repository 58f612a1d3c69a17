<?php
// SPDX-License-Identifier: MIT
//
// Loads this folder, for php-fpm (see ../../load.php).

declare(strict_types=1);

require_once __DIR__ . '/Loop.php';
require_once __DIR__ . '/FpmScript.php';
require_once __DIR__ . '/WorkerScript.php';
require_once __DIR__ . '/Unsupported.php';
require_once __DIR__ . '/functions.php';
