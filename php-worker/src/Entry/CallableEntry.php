<?php
// SPDX-License-Identifier: MIT
//
// Closures, invokable objects and all else that can be called with (event, context). A closure is
// always taken as a handler: the front controllers of symfony/runtime return one that makes a
// kernel, which cannot be told apart without calling it. Such an application returns its kernel.

declare(strict_types=1);

namespace Phork\Entry;

use Closure;
use Phork\Context;

final readonly class CallableEntry implements EventEntry
{
    private function __construct(private Closure $handler)
    {
    }

    public static function from(mixed $returned): ?static
    {
        return \is_callable($returned) ? new self($returned(...)) : null;
    }

    public function handle(mixed $event, Context $context): mixed
    {
        return ($this->handler)($event, $context);
    }
}
