<?php
// SPDX-License-Identifier: MIT
//
// What applications do with objects and handles they want again: keep them in a static property.
// Being static is the point: whoever keeps the process has what an earlier event put here.

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

    /** For what PHP takes but never shows: whether it holds the object can be seen all the same. */
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
