<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

/** A decoded event, and what its text tells beyond. */
final class Event
{
    public function __construct(private mixed $value, public readonly ?EventSource $source)
    {
    }

    /** Works once: the handler alone holds the event then, and may change it without a copy. */
    public function take(): mixed
    {
        [$value, $this->value] = [$this->value, null];

        return $value;
    }
}
