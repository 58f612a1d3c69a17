<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;
use Phork\Event\InvalidField;

/** A record of a partition of a Kafka topic. */
final readonly class KafkaRecord
{
    /**
     * @param string $id of the record in its batch, such as `orders-0:15`
     * @param string $topicPartition such as `orders-0`
     * @param ?string $key bytes; null when the producer gave none
     * @param ?string $value bytes; null for a tombstone, which deletes its key
     * @param list<array{name: string, value: string}> $headers in order; a name may come twice
     */
    private function __construct(
        private Fields $fields,
        public string $id,
        public string $topicPartition,
        public string $topic,
        public int $partition,
        public int $offset,
        public DateTimeImmutable $timestamp,
        public ?string $key,
        public ?string $value,
        public array $headers,
    ) {
    }

    public static function fromFields(string $topicPartition, Fields $record): self
    {
        return new self(
            $record,
            "$topicPartition:{$record->int('offset')}",
            $topicPartition,
            $record->string('topic'),
            $record->int('partition'),
            $record->int('offset'),
            Time::ofMilliseconds($record->int('timestamp')),
            $record->has('key') ? $record->base64('key') : null,
            $record->has('value') ? $record->base64('value') : null,
            $record->has('headers') ? self::headers($record) : [],
        );
    }

    /**
     * The value of a record that was written as JSON.
     * @return array<mixed>
     * @throws InvalidField also for a tombstone
     */
    public function json(): array
    {
        return $this->value === null
            ? throw $this->fields->invalid('value', 'JSON of an object or list')
            : Fields::decoded($this->value, $this->fields->at('value'));
    }

    /** The last value of the header, as bytes; names are case-sensitive. */
    public function header(string $name): ?string
    {
        $found = null;
        foreach ($this->headers as $header) {
            if ($header['name'] === $name) {
                $found = $header['value'];
            }
        }

        return $found;
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }

    /** @return list<array{name: string, value: string}> */
    private static function headers(Fields $record): array
    {
        $headers = [];
        foreach ($record->maps('headers') as $header) {
            foreach ($header->keys() as $name) {
                $bytes = '';
                foreach ($header->list($name) as $index => $byte) {
                    // Java's bytes have a sign.
                    if (!\is_int($byte) || $byte < -128 || $byte > 255) {
                        $path = "{$header->at($name)}[$index]";
                        throw new InvalidField($path, 'a byte', get_debug_type($byte));
                    }
                    $bytes .= \chr($byte & 255);
                }
                $headers[] = ['name' => $name, 'value' => $bytes];
            }
        }

        return $headers;
    }
}
