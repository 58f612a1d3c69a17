<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;

/** Serves events as they come from Lambda; the value it returns becomes the answer. */
interface EventEntry extends Entry
{
    /** The event is an array, unless the caller sent a bare JSON string, number or null. */
    public function handle(mixed $event, Context $context): mixed;
}
