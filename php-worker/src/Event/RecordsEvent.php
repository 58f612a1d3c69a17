<?php
// SPDX-License-Identifier: MIT
//
// An event with a list of records, over which one can iterate and which can be counted.

declare(strict_types=1);

namespace Phork\Event;

use ArrayIterator;
use Countable;
use IteratorAggregate;

/**
 * @template TRecord of object
 * @implements IteratorAggregate<int, TRecord>
 */
abstract readonly class RecordsEvent extends Event implements IteratorAggregate, Countable
{
    /**
     * @param array<mixed> $event
     * @param list<TRecord> $records never empty, unless a subclass says so
     */
    final protected function __construct(array $event, public array $records)
    {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $records = $fields->objects('Records');
        if ($records === [] && !static::mayBeEmpty($fields)) {
            throw new InvalidField('Records', 'at least one record', 'an empty list');
        }

        return new static($event, array_map(static::record(...), $records));
    }

    /** @return ArrayIterator<int, TRecord> */
    public function getIterator(): ArrayIterator
    {
        return new ArrayIterator($this->records);
    }

    public function count(): int
    {
        return \count($this->records);
    }

    /** @return TRecord */
    abstract protected static function record(Fields $record): object;

    protected static function mayBeEmpty(Fields $event): bool
    {
        return false;
    }
}
