<?php
// SPDX-License-Identifier: MIT
//
// Runs before the script of an application with BREF_RUNTIME=fpm or console, unless PHORK_PREBOOT
// names another file.

declare(strict_types=1);

class_exists(Phork\Bridge\Bref\Startup::class) || require __DIR__ . '/Startup.php';
Phork\Bridge\Bref\Startup::script();
