<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** A notification of an SNS topic. */
final readonly class SnsRecord
{
    /**
     * @param array<array-key, string> $attributes that the publisher gave the message; those of a
     *     binary type as bytes
     */
    private function __construct(
        private Fields $fields,
        public string $messageId,
        public string $topicArn,
        public ?string $subject,
        public string $message,
        public array $attributes,
        public DateTimeImmutable $timestamp,
        public string $subscriptionArn,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('EventSource', ['aws:sns']);
        $sns = $record->object('Sns');
        $attributes = [];
        foreach ($sns->objectsByKey('MessageAttributes') as $name => $attribute) {
            $attributes[$name] = $attribute->string('Type') === 'Binary'
                ? $attribute->base64('Value')
                : $attribute->string('Value');
        }

        return new self(
            $record,
            $sns->string('MessageId'),
            $sns->string('TopicArn'),
            $sns->optionalString('Subject'),
            $sns->string('Message'),
            $attributes,
            Time::ofField($sns, 'Timestamp'),
            $record->string('EventSubscriptionArn'),
        );
    }

    /**
     * The message, when it was published as JSON.
     * @return array<mixed>
     * @throws \Phork\Event\InvalidField
     */
    public function json(): array
    {
        return $this->fields->object('Sns')->json('Message');
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
