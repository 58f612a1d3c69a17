<?php
// SPDX-License-Identifier: MIT
//
// Changes of objects in a bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\S3Record;

/** @extends RecordsEvent<S3Record> */
final readonly class S3Event extends RecordsEvent
{
    public const PARTS = [...parent::PARTS, S3Record::class];

    protected static function record(Fields $record): S3Record
    {
        return S3Record::fromFields($record);
    }
}
