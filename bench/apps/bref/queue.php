<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Bref\Context\Context;
use Bref\Event\Sqs\SqsEvent;
use Bref\Event\Sqs\SqsHandler;

return new class extends SqsHandler {
    public function handleSqs(SqsEvent $event, Context $context): void
    {
        foreach ($event->getRecords() as $number => $record) {
            if ($number === 0) {
                $this->markAsFailed($record);
            }
        }
    }
};
