<?php
// SPDX-License-Identifier: MIT
//
// An event of a schedule: of a rule of EventBridge, or of EventBridge Scheduler when the schedule
// has no input of its own.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/event-reference.html#event-reference-scheduled-event

declare(strict_types=1);

namespace Phork\Event;

use DateTimeImmutable;
use Phork\Event\Record\Time;

final readonly class ScheduledEvent extends Event
{
    /**
     * @param array<mixed> $event
     * @param DateTimeImmutable $time for which the run was planned
     * @param string $scheduleArn of the rule or the schedule
     */
    private function __construct(
        array $event,
        public string $id,
        public DateTimeImmutable $time,
        public string $region,
        public string $account,
        public string $scheduleArn,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = Fields::of($event);
        $fields->oneOf('detail-type', ['Scheduled Event']);
        $fields->oneOf('source', ['aws.events', 'aws.scheduler']);

        return new self(
            $event,
            $fields->string('id'),
            Time::ofField($fields, 'time'),
            $fields->string('region'),
            $fields->string('account'),
            $fields->strings('resources')[0]
                ?? throw new InvalidField('resources', 'the ARN of a schedule', 'an empty list'),
        );
    }

    /** The name of the rule or the schedule, for a function that serves several. */
    public function scheduleName(): string
    {
        return substr((string) strrchr($this->scheduleArn, '/'), 1);
    }
}
