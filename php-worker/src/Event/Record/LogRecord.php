<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** One entry of a log stream. */
final readonly class LogRecord
{
    /** @param array<array-key, string> $extractedFields that the filter's pattern names */
    private function __construct(
        private Fields $fields,
        public string $id,
        public DateTimeImmutable $timestamp,
        public string $message,
        public array $extractedFields,
    ) {
    }

    public static function fromFields(Fields $entry): self
    {
        return new self(
            $entry,
            $entry->string('id'),
            Time::ofMilliseconds($entry->int('timestamp')),
            $entry->string('message'),
            $entry->stringsByKey('extractedFields'),
        );
    }

    /**
     * The message of a program that logs JSON.
     * @return array<mixed>
     * @throws \Phork\Event\InvalidField
     */
    public function json(): array
    {
        return $this->fields->json('message');
    }

    /** @return array<mixed> the entry as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
