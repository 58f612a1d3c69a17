<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

/** A record with a place in a stream. */
interface StreamRecord
{
    /** Lambda can be told to begin again at this record. Grows along a shard. */
    public function sequenceNumber(): string;
}
