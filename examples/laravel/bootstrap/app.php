<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;
use Illuminate\Foundation\Configuration\Middleware;

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
    ->create();
