<?php
// SPDX-License-Identifier: MIT
//
// Mail that Amazon SES received. The event has the mail's headers and no body: a rule before the
// function's own stores the mail in S3.
// https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\SesRecord;

/** @extends RecordsEvent<SesRecord> */
final readonly class SesEvent extends RecordsEvent
{
    public const PARTS = [...parent::PARTS, SesRecord::class];

    protected static function record(Fields $record): SesRecord
    {
        return SesRecord::fromFields($record);
    }
}
