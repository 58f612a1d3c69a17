<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** A message of an SQS queue. */
final readonly class SqsRecord
{
    /**
     * @param array<array-key, string> $attributes that SQS gave the message, such as `SenderId`
     * @param array<array-key, string> $messageAttributes that the sender gave it; those of a binary
     *     type as bytes
     * @param ?string $groupId MessageGroupId, which each message of a FIFO queue has
     */
    private function __construct(
        private Fields $fields,
        public string $messageId,
        public string $receiptHandle,
        public string $body,
        public array $attributes,
        public array $messageAttributes,
        public int $receiveCount,
        public ?string $groupId,
        public string $queueArn,
        public string $region,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('eventSource', ['aws:sqs']);
        $messageAttributes = [];
        foreach ($record->objectsByKey('messageAttributes') as $name => $attribute) {
            $messageAttributes[$name] = str_starts_with($attribute->string('dataType'), 'Binary')
                ? $attribute->base64('binaryValue')
                : $attribute->string('stringValue');
        }
        $attributes = $record->object('attributes');

        return new self(
            $record,
            $record->string('messageId'),
            $record->string('receiptHandle'),
            $record->string('body'),
            $record->stringsByKey('attributes'),
            $messageAttributes,
            $attributes->intInString('ApproximateReceiveCount'),
            $attributes->optionalString('MessageGroupId'),
            $record->string('eventSourceARN'),
            $record->string('awsRegion'),
        );
    }

    /**
     * The body of a message that was sent as JSON.
     * @return array<mixed>
     * @throws \Phork\Event\InvalidField
     */
    public function json(): array
    {
        return $this->fields->json('body');
    }

    public function queueName(): string
    {
        return substr((string) strrchr($this->queueArn, ':'), 1);
    }

    public function isFifo(): bool
    {
        return str_ends_with($this->queueArn, '.fifo');
    }

    public function sentAt(): DateTimeImmutable
    {
        $attributes = $this->fields->object('attributes');

        return Time::ofMilliseconds($attributes->intInString('SentTimestamp'));
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
