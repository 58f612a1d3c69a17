<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;

// On Lambda only /tmp is writable, so Laravel's files go there.
return Application::configure(dirname(__DIR__))
    ->withExceptions(static function (Exceptions $exceptions): void {
    })
    ->create()
    ->useStoragePath(sys_get_temp_dir() . '/laravel-storage');
