<?php
// SPDX-License-Identifier: MIT
//
// The functions that an application wants called at certain moments, by the name of the function
// that registers them (functions.php). shared() holds static state, because onFork() and its like
// are functions and have no object.

declare(strict_types=1);

namespace Phork;

use Closure;

final class Hooks
{
    private static ?self $shared = null;

    /** @var array<string, list<Closure>> */
    private array $hooks = [];

    public static function shared(): self
    {
        return self::$shared ??= new self();
    }

    /** @param string $on 'Phork\onFork', 'Phork\onSeal', ... */
    public function add(string $on, callable $hook): void
    {
        $this->hooks[$on][] = $hook(...);
    }

    /** @return list<Closure> in the order of registration */
    public function of(string $on): array
    {
        return $this->hooks[$on] ?? [];
    }

    public function isEmpty(): bool
    {
        return $this->hooks === [];
    }
}
