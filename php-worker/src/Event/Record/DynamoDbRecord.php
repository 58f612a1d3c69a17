<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** One change of one item. The item's attributes are PHP values, see DynamoDbValue. */
final readonly class DynamoDbRecord implements StreamRecord
{
    /**
     * @param 'INSERT'|'MODIFY'|'REMOVE' $eventName
     * @param array<array-key, mixed> $keys of the item
     * @param ?array<array-key, mixed> $newImage null after a removal, and in streams without it
     * @param ?array<array-key, mixed> $oldImage null after an insertion, and in streams without it
     * @param string $viewType such as `NEW_AND_OLD_IMAGES`
     */
    private function __construct(
        private Fields $fields,
        public string $eventId,
        public string $eventName,
        public array $keys,
        public ?array $newImage,
        public ?array $oldImage,
        public string $sequenceNumber,
        public string $viewType,
        public ?DateTimeImmutable $createdAt,
        public string $streamArn,
        public string $region,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('eventSource', ['aws:dynamodb']);
        $change = $record->object('dynamodb');

        return new self(
            $record,
            $record->string('eventID'),
            $record->oneOf('eventName', ['INSERT', 'MODIFY', 'REMOVE']),
            DynamoDbValue::item($change->map('Keys')),
            $change->has('NewImage') ? DynamoDbValue::item($change->map('NewImage')) : null,
            $change->has('OldImage') ? DynamoDbValue::item($change->map('OldImage')) : null,
            $change->string('SequenceNumber'),
            $change->string('StreamViewType'),
            $change->has('ApproximateCreationDateTime')
                ? Time::ofSeconds($change->number('ApproximateCreationDateTime'))
                : null,
            $record->string('eventSourceARN'),
            $record->string('awsRegion'),
        );
    }

    public function sequenceNumber(): string
    {
        return $this->sequenceNumber;
    }

    public function tableName(): string
    {
        return explode('/', $this->streamArn)[1] ?? '';
    }

    /** True when DynamoDB removed the item at the end of its time to live. */
    public function isExpiry(): bool
    {
        $by = $this->fields->optionalObject('userIdentity')?->optionalString('principalId');

        return $this->eventName === 'REMOVE' && $by === 'dynamodb.amazonaws.com';
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
