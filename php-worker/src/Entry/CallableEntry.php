<?php
// SPDX-License-Identifier: MIT
//
// Closures, invokable objects and anything else that can be called with (event, context). Every
// closure counts as a handler. The closure of a symfony/runtime front controller, which makes a
// kernel, does not get here: such a file is a script.

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
