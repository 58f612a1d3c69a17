<?php
// SPDX-License-Identifier: MIT
//
// An event of a service of AWS. A handler whose first parameter has the type of a subclass gets its
// event as an object of it.

declare(strict_types=1);

namespace Phork\Event;

use JsonSerializable;

abstract readonly class Event implements JsonSerializable
{
    /**
     * The classes that reading an event takes: a zygote loads them before its first fork.
     * @var list<class-string>
     */
    public const PARTS = [Fields::class, Record\Time::class];

    /** @param array<mixed> $event */
    protected function __construct(private array $event)
    {
    }

    /**
     * @param array<mixed> $event as json_decode() makes it
     * @throws InvalidField when a field that the class reads is absent or of another type
     */
    abstract public static function fromArray(array $event): static;

    /** @return array<mixed> the event as it came */
    final public function toArray(): array
    {
        return $this->event;
    }

    /** @return array<mixed> */
    final public function jsonSerialize(): array
    {
        return $this->event;
    }
}
