<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

/**
 * Why state survives an event under strategy fpm, which promises no more than php-fpm resets. A
 * kind with such a reason is not a leak there (docs/isolation.md).
 */
enum KeptByFpm
{
    case Kernel;
    case Extension;
    case Cache;

    public function policy(): string
    {
        return match ($this) {
            self::Kernel => 'the kernel keeps it for the worker, and php-fpm never resets it',
            self::Extension => 'the extension keeps it for the worker, and never clears it',
            self::Cache => 'PHP shares this cache among all requests of a worker',
        };
    }
}
