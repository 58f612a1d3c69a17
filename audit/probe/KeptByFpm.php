<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/**
 * Why state survives an event under strategy fpm, which promises what php-fpm resets and no more:
 * a kind with such a reason is no leak there (docs/isolation.md).
 */
enum KeptByFpm
{
    case Kernel;
    case Extension;
    case Cache;

    public function policy(): string
    {
        return match ($this) {
            self::Kernel => 'the kernel keeps it for the worker, and php-fpm never asks it to stop',
            self::Extension => 'the extension keeps it for the worker, and never clears it',
            self::Cache => 'PHP means this cache for all requests of a worker',
        };
    }
}
