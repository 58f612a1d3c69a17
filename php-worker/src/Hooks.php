<?php
// SPDX-License-Identifier: MIT
//
// The functions that an application wants called around a fork, in the order of registration.
// shared() holds static state, because onFork() and onSeal() are functions and have no object.

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
