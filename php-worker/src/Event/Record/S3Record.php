<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** One change of one object. */
final readonly class S3Record
{
    /**
     * @param string $eventName such as `ObjectCreated:Put`
     * @param string $key of the object, decoded: S3 sends `a b` as `a+b`
     * @param ?int $size in bytes; null when the object was removed
     */
    private function __construct(
        private Fields $fields,
        public string $eventName,
        public DateTimeImmutable $eventTime,
        public string $region,
        public string $bucket,
        public string $bucketArn,
        public string $key,
        public ?int $size,
        public ?string $eTag,
        public ?string $versionId,
        public ?string $sequencer,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('eventSource', ['aws:s3']);
        $s3 = $record->object('s3');
        [$bucket, $object] = [$s3->object('bucket'), $s3->object('object')];

        return new self(
            $record,
            $record->string('eventName'),
            Time::ofField($record, 'eventTime'),
            $record->string('awsRegion'),
            $bucket->string('name'),
            $bucket->string('arn'),
            urldecode($object->string('key')),
            $object->optionalInt('size'),
            $object->optionalString('eTag'),
            $object->optionalString('versionId'),
            $object->optionalString('sequencer'),
        );
    }

    public function isCreated(): bool
    {
        return str_starts_with($this->eventName, 'ObjectCreated:');
    }

    /** True for the marker that hides an object in a bucket with versions, too. */
    public function isRemoved(): bool
    {
        return str_starts_with($this->eventName, 'ObjectRemoved:');
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
