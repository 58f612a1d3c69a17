<?php
// SPDX-License-Identifier: MIT
//
// Messages of a queue.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\SqsRecord;
use Throwable;

/** @extends RecordsEvent<SqsRecord> */
final readonly class SqsEvent extends RecordsEvent
{
    public const PARTS = [...parent::PARTS, SqsRecord::class, BatchFailures::class];

    /** Collects the messages that have to come again; return it from the handler. */
    public function failures(): BatchFailures
    {
        return new BatchFailures(array_column($this->records, 'messageId'));
    }

    /**
     * Calls $work with each message. A message for which it throws comes again, and so do all
     * later ones of the same group of a FIFO queue, which must not overtake it.
     * @param callable(SqsRecord): mixed $work
     * @param null|callable(SqsRecord, Throwable): mixed $failed is told of each exception; without
     *     it the log gets the message's id and the exception's message
     */
    public function each(callable $work, ?callable $failed = null): BatchFailures
    {
        $failures = $this->failures();
        $failedGroups = [];
        foreach ($this->records as $record) {
            if ($record->groupId !== null && isset($failedGroups[$record->groupId])) {
                $failures->add($record->messageId);
                continue;
            }
            try {
                $work($record);
            } catch (Throwable $thrown) {
                $failures->add($record->messageId);
                // Standard queues have groups, too (fair queues), but no order.
                if ($record->groupId !== null && $record->isFifo()) {
                    $failedGroups[$record->groupId] = true;
                }
                $failed === null
                    ? error_log("message $record->messageId: {$thrown->getMessage()}")
                    : $failed($record, $thrown);
            }
        }

        return $failures;
    }

    protected static function record(Fields $record): SqsRecord
    {
        return SqsRecord::fromFields($record);
    }
}
