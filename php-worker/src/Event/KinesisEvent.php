<?php
// SPDX-License-Identifier: MIT
//
// Records of a data stream. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\KinesisRecord;

/** @extends StreamEvent<KinesisRecord> */
final readonly class KinesisEvent extends StreamEvent
{
    public const PARTS = [...parent::PARTS, KinesisRecord::class];

    protected static function record(Fields $record): KinesisRecord
    {
        return KinesisRecord::fromFields($record);
    }
}
