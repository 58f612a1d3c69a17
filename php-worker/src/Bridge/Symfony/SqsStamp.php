<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Bridge\Symfony;

use Phork\Event\Record\SqsRecord;
use Symfony\Component\Messenger\Stamp\NonSendableStampInterface;

/** The SQS message that an envelope was decoded from; it is not sent on with a retry. */
final readonly class SqsStamp implements NonSendableStampInterface
{
    public function __construct(public SqsRecord $record)
    {
    }
}
