<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork;

/**
 * A class that serves events. A class that takes one kind of event does without this interface: its
 * method handle() has the event's class as the type of its first parameter (Phork\Event).
 */
interface Handler
{
    /**
     * @param mixed $event an array, unless the caller sent a bare JSON string, number or null
     * @return mixed the answer; it is written with json_encode()
     */
    public function handle(mixed $event, Context $context): mixed;
}
