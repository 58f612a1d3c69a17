<?php
// SPDX-License-Identifier: MIT
//
// Records of topics of Amazon MSK or of a Kafka cluster elsewhere. They come by partition, and in
// order within each. When a function names one as failed, Lambda sends that one and all later ones
// of its partition again. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html

declare(strict_types=1);

namespace Phork\Event;

use ArrayIterator;
use Countable;
use IteratorAggregate;
use Phork\Event\Record\KafkaRecord;
use Throwable;

/** @implements IteratorAggregate<int, KafkaRecord> */
final readonly class KafkaEvent extends Event implements IteratorAggregate, Countable
{
    public const PARTS = [...parent::PARTS, KafkaRecord::class, BatchFailures::class];

    /**
     * @param array<mixed> $event
     * @param ?string $clusterArn null for a cluster that is not of Amazon MSK
     * @param list<string> $bootstrapServers such as `b-1.example.com:9092`
     * @param non-empty-list<KafkaRecord> $records
     */
    private function __construct(
        array $event,
        public ?string $clusterArn,
        public array $bootstrapServers,
        public array $records,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $fields->oneOf('eventSource', ['aws:kafka', 'SelfManagedKafka', 'aws:SelfManagedKafka']);
        $partitions = $fields->map('records');
        $records = [];
        foreach ($partitions->keys() as $partition) {
            foreach ($partitions->objects($partition) as $record) {
                $records[] = KafkaRecord::fromFields($partition, $record);
            }
        }
        if ($records === []) {
            throw new InvalidField('records', 'at least one record', 'none');
        }
        $servers = $fields->optionalString('bootstrapServers') ?? '';

        return new self(
            $event,
            $fields->optionalString('eventSourceArn'),
            $servers === '' ? [] : explode(',', $servers),
            $records,
        );
    }

    /** Collects the records that failed, by their id; return it from the handler. */
    public function failures(): BatchFailures
    {
        $identifiers = [];
        foreach ($this->records as $record) {
            $identifiers[$record->id] = [
                'partition' => $record->topicPartition,
                'offset' => $record->offset,
            ];
        }

        return new BatchFailures(array_column($this->records, 'id'), $identifiers);
    }

    /**
     * Calls $work with each record. A record for which it throws comes again, and so do all later
     * ones of its partition.
     * @param callable(KafkaRecord): mixed $work
     * @param null|callable(KafkaRecord, Throwable): mixed $failed is told of each exception;
     *     without it the log gets the record's id and the exception's message
     */
    public function each(callable $work, ?callable $failed = null): BatchFailures
    {
        $failures = $this->failures();
        $failedPartitions = [];
        foreach ($this->records as $record) {
            if (isset($failedPartitions[$record->topicPartition])) {
                continue;
            }
            try {
                $work($record);
            } catch (Throwable $thrown) {
                $failures->add($record->id);
                $failedPartitions[$record->topicPartition] = true;
                $failed === null
                    ? error_log("record $record->id: {$thrown->getMessage()}")
                    : $failed($record, $thrown);
            }
        }

        return $failures;
    }

    /** @return ArrayIterator<int, KafkaRecord> */
    public function getIterator(): ArrayIterator
    {
        return new ArrayIterator($this->records);
    }

    public function count(): int
    {
        return \count($this->records);
    }
}
