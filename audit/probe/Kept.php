<?php
// SPDX-License-Identifier: MIT
//
// Applications keep objects and handles for later in static properties, and so does this class for
// the kinds: in a process that serves another event, that event finds what an earlier one put here.

declare(strict_types=1);

namespace Phork\Audit;

use WeakReference;

final class Kept
{
    /** @var array<string, mixed> */
    private static array $things = [];

    public static function put(string $name, mixed $thing): mixed
    {
        return self::$things[$name] = $thing;
    }

    public static function get(string $name): mixed
    {
        return self::$things[$name] ?? null;
    }

    /** Watches an object that PHP takes but never shows; isHeld() tells whether PHP keeps it. */
    public static function watch(string $name, object $object): object
    {
        self::$things[$name] = WeakReference::create($object);

        return $object;
    }

    public static function isHeld(string $name): bool
    {
        return (self::$things[$name] ?? null)?->get() !== null;
    }
}
