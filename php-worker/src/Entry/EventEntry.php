<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;

/** Takes events as they are and returns what becomes the answer. */
interface EventEntry extends Entry
{
    /** The event is an array, but for the rare caller that sends a bare JSON string or number. */
    public function handle(mixed $event, Context $context): mixed;
}
