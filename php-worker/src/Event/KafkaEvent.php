<?php
// SPDX-License-Identifier: MIT
//
// Records of topics of Amazon MSK or of a Kafka cluster elsewhere. They come by partition, and in
// order within each. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html

declare(strict_types=1);

namespace Phork\Event;

use ArrayIterator;
use Countable;
use IteratorAggregate;
use Phork\Event\Record\KafkaRecord;

/** @implements IteratorAggregate<int, KafkaRecord> */
final readonly class KafkaEvent extends Event implements IteratorAggregate, Countable
{
    public const PARTS = [...parent::PARTS, KafkaRecord::class];

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
        $fields->oneOf('eventSource', ['aws:kafka', 'SelfManagedKafka']);
        $partitions = $fields->object('records');
        $records = [];
        foreach (array_keys($partitions->toArray()) as $partition) {
            foreach ($partitions->objects((string) $partition) as $record) {
                $records[] = KafkaRecord::fromFields($record);
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
