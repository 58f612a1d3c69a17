<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;
use Illuminate\Foundation\Configuration\Middleware;

// On Lambda all of the disk but /tmp is read-only, so what Laravel writes while it runs goes there.
$storage = sys_get_temp_dir() . '/laravel-storage';
$views = "$storage/framework/views"; // has to be there before the configuration is read
if (!is_dir($views)) {
    mkdir($views, 0700, true);
}

return Application::configure(dirname(__DIR__))
    ->withRouting(
        web: dirname(__DIR__) . '/routes/web.php',
        api: dirname(__DIR__) . '/routes/api.php',
        apiPrefix: 'api',
    )
    ->withMiddleware(static function (Middleware $middleware): void {
        // The gateway is the only one who can reach the function.
        $middleware->trustProxies(at: 'REMOTE_ADDR');
    })
    ->withExceptions(static function (Exceptions $exceptions): void {
    })
    ->create()
    ->useStoragePath($storage);
