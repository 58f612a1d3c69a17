<?php
// SPDX-License-Identifier: MIT
//
// The functions that an application wants called around a fork and around a snapshot, in the order
// of registration. shared() holds static state, because onFork() and its like are functions and
// have no object.

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

    /** @var list<Closure> */
    private array $snapshot = [];

    /** @var list<Closure> */
    private array $restore = [];

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

    public function onSnapshot(callable $hook): void
    {
        $this->snapshot[] = $hook(...);
    }

    public function onRestore(callable $hook): void
    {
        $this->restore[] = $hook(...);
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

    /** @return list<Closure> */
    public function ofSnapshot(): array
    {
        return $this->snapshot;
    }

    /** @return list<Closure> */
    public function ofRestore(): array
    {
        return $this->restore;
    }
}
