<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;
use Illuminate\Foundation\Configuration\Middleware;

// On Lambda only /tmp is writable, so Laravel's files go there.
$storage = sys_get_temp_dir() . '/laravel-storage';
$views = "$storage/framework/views"; // must exist before Laravel reads its configuration
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
        // Only the gateway can reach the function.
        $middleware->trustProxies(at: 'REMOTE_ADDR');
    })
    ->withExceptions(static function (Exceptions $exceptions): void {
    })
    ->create()
    ->useStoragePath($storage);
