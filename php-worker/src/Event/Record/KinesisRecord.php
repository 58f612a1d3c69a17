<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** A record of a Kinesis data stream. */
final readonly class KinesisRecord implements StreamRecord
{
    /** @param string $data the bytes that the producer put */
    private function __construct(
        private Fields $fields,
        public string $eventId,
        public string $partitionKey,
        public string $sequenceNumber,
        public string $data,
        public DateTimeImmutable $arrivedAt,
        public string $streamArn,
        public string $region,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('eventSource', ['aws:kinesis']);
        $kinesis = $record->object('kinesis');

        return new self(
            $record,
            $record->string('eventID'),
            $kinesis->string('partitionKey'),
            $kinesis->string('sequenceNumber'),
            $kinesis->base64('data'),
            Time::ofSeconds($kinesis->number('approximateArrivalTimestamp')),
            $record->string('eventSourceARN'),
            $record->string('awsRegion'),
        );
    }

    /**
     * The data of a record that was put as JSON.
     * @return array<mixed>
     * @throws \Phork\Event\InvalidField
     */
    public function json(): array
    {
        return Fields::decoded($this->data, $this->fields->object('kinesis')->at('data'));
    }

    public function sequenceNumber(): string
    {
        return $this->sequenceNumber;
    }

    public function streamName(): string
    {
        return explode('/', $this->streamArn)[1] ?? '';
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
