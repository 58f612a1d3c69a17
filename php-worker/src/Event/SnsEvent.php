<?php
// SPDX-License-Identifier: MIT
//
// Notifications of a topic. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\SnsRecord;

/** @extends RecordsEvent<SnsRecord> */
final readonly class SnsEvent extends RecordsEvent
{
    public const PARTS = [...parent::PARTS, SnsRecord::class];

    protected static function record(Fields $record): SnsRecord
    {
        return SnsRecord::fromFields($record);
    }
}
