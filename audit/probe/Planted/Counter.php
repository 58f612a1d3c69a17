<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

/** State in a static property, a property and a static variable. */
final class Counter
{
    public static int $inClass = 0;

    public int $inObject = 0;

    public static function inMethod(int $more): int
    {
        static $count = 0;

        return $count += $more;
    }
}
