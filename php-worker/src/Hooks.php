<?php
// SPDX-License-Identifier: MIT
//
// What the application wants done around a fork, in the order of registration. `shared()` is the
// only static state of the library: onFork() and onSeal() are functions and have no object to ask.

declare(strict_types=1);

namespace Phork;

use Closure;

final class Hooks
{
    private static ?self $shared = null;

    /** @var list<Closure> */
    private array $fork = [];

    /** @var list<Closure> */
    private array $seal = [];

    public static function shared(): self
    {
        return self::$shared ??= new self();
    }

    public function onFork(callable $hook): void
    {
        $this->fork[] = $hook(...);
    }

    public function onSeal(callable $hook): void
    {
        $this->seal[] = $hook(...);
    }

    /** @return list<Closure> */
    public function ofFork(): array
    {
        return $this->fork;
    }

    /** @return list<Closure> */
    public function ofSeal(): array
    {
        return $this->seal;
    }
}
