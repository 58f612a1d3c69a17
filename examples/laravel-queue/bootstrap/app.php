<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;

// Composer has packages discovered before deployment, because the code is read-only on Lambda.
$_ENV['APP_PACKAGES_CACHE'] ??= 'var/cache/packages.php';
$_ENV['APP_SERVICES_CACHE'] ??= 'var/cache/services.php';

// Only /tmp is writable there, so Laravel's other files go below it.
return Application::configure(dirname(__DIR__))
    ->withExceptions(static function (Exceptions $exceptions): void {
    })
    ->create()
    ->useStoragePath(sys_get_temp_dir() . '/laravel-storage');
