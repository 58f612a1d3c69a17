<?php
// SPDX-License-Identifier: MIT
//
// Records of a shard, in order. When a function names one as failed, Lambda sends that one and all
// later ones again. With a tumbling window the last event of a window may be empty.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html

declare(strict_types=1);

namespace Phork\Event;

use Phork\Event\Record\StreamRecord;
use Throwable;

/**
 * @template TRecord of StreamRecord
 * @extends RecordsEvent<TRecord>
 */
abstract readonly class StreamEvent extends RecordsEvent
{
    public const PARTS = [...parent::PARTS, BatchFailures::class];

    /** Collects the records that failed, by sequence number; return it from the handler. */
    public function failures(): BatchFailures
    {
        return new BatchFailures(array_map(
            static fn (StreamRecord $record): string => $record->sequenceNumber(),
            $this->records,
        ));
    }

    /**
     * Calls $work with each record, up to the first for which it throws: that one and the later
     * ones come again.
     * @param callable(TRecord): mixed $work
     * @param null|callable(TRecord, Throwable): mixed $failed is told of the exception; without it
     *     the log gets the record's sequence number and the exception's message
     */
    public function each(callable $work, ?callable $failed = null): BatchFailures
    {
        $failures = $this->failures();
        foreach ($this->records as $record) {
            try {
                $work($record);
            } catch (Throwable $thrown) {
                $failures->add($record->sequenceNumber());
                $failed === null
                    ? error_log("record {$record->sequenceNumber()}: {$thrown->getMessage()}")
                    : $failed($record, $thrown);
                break;
            }
        }

        return $failures;
    }

    protected static function mayBeEmpty(Fields $event): bool
    {
        return $event->has('window');
    }
}
