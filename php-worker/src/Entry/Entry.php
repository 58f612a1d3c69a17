<?php
// SPDX-License-Identifier: MIT
//
// A kind of thing an entry file may return. A new kind is one class that implements EventEntry or
// HttpEntry, and one line in EntryKinds.

declare(strict_types=1);

namespace Phork\Entry;

interface Entry
{
    /** Wraps what the entry file returned, or null when that is of another kind. May boot it. */
    public static function from(mixed $returned): ?static;
}
