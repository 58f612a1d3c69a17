<?php
// SPDX-License-Identifier: MIT
//
// Changes of items in a table, from its stream.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\DynamoDbRecord;

/** @extends StreamEvent<DynamoDbRecord> */
final readonly class DynamoDbEvent extends StreamEvent
{
    public const PARTS = [...parent::PARTS, DynamoDbRecord::class, Record\DynamoDbValue::class];

    protected static function record(Fields $record): DynamoDbRecord
    {
        return DynamoDbRecord::fromFields($record);
    }
}
