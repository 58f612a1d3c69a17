<?php
// SPDX-License-Identifier: MIT
//
// The front controller of every Symfony application. Under FrankenPHP's worker mode, Symfony's
// runtime keeps the kernel and asks for one request after another.

declare(strict_types=1);

use App\Kernel;

require_once dirname(__DIR__) . '/vendor/autoload_runtime.php';

return static fn (array $context): Kernel => new Kernel(
    (string) ($context['APP_ENV'] ?? 'prod'),
    (bool) ($context['APP_DEBUG'] ?? false),
);
