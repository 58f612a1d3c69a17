<?php
// SPDX-License-Identifier: MIT
//
// One kind of value that an entry file may return. To add a kind, write a class that implements
// EventEntry or HttpEntry and add a line to EntryKinds.

declare(strict_types=1);

namespace Phork\Entry;

interface Entry
{
    /** Wraps the returned value, and may boot it; null when the value is of another kind. */
    public static function from(mixed $returned): ?static;
}
