<?php
// SPDX-License-Identifier: MIT
//
// An event of a bus.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html

declare(strict_types=1);

namespace Phork\Event;

use DateTimeImmutable;
use Phork\Event\Record\Time;

final readonly class EventBridgeEvent extends Event
{
    /**
     * @param array<mixed> $event
     * @param list<string> $resources ARNs that the event is about
     * @param Fields $detail of the service or application that sent the event; `toArray()` has all
     */
    private function __construct(
        array $event,
        public string $id,
        public string $detailType,
        public string $source,
        public string $account,
        public DateTimeImmutable $time,
        public string $region,
        public array $resources,
        public Fields $detail,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);

        return new self(
            $event,
            $fields->string('id'),
            $fields->string('detail-type'),
            $fields->string('source'),
            $fields->string('account'),
            Time::ofField($fields, 'time'),
            $fields->string('region'),
            $fields->strings('resources'),
            $fields->map('detail'),
        );
    }
}
