<?php
// SPDX-License-Identifier: MIT
//
// Lines of a log group, from a subscription filter: JSON, compressed with gzip, in base64.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample

declare(strict_types=1);

namespace Phork\Event;

use ArrayIterator;
use Countable;
use IteratorAggregate;
use LogicException;
use Phork\Event\Record\LogRecord;

/** @implements IteratorAggregate<int, LogRecord> */
final readonly class CloudWatchLogsEvent extends Event implements IteratorAggregate, Countable
{
    public const PARTS = [...parent::PARTS, LogRecord::class];

    /** The place of the fields that are inside of the compressed text. */
    private const PATH = 'awslogs.data';

    /**
     * @param array<mixed> $event
     * @param string $owner the account that has the log group
     * @param list<string> $subscriptionFilters names of those that matched
     * @param list<LogRecord> $records
     * @param bool $isControlMessage true when CloudWatch only asks if the function can be reached
     */
    private function __construct(
        array $event,
        public string $owner,
        public string $logGroup,
        public string $logStream,
        public array $subscriptionFilters,
        public array $records,
        public bool $isControlMessage,
    ) {
        parent::__construct($event);
    }

    public static function fromArray(array $event): static
    {
        $fields = self::unpacked(Fields::of($event)->object('awslogs')->base64('data'));
        $type = $fields->oneOf('messageType', ['DATA_MESSAGE', 'CONTROL_MESSAGE']);
        $isControl = $type === 'CONTROL_MESSAGE';
        $records = array_map(LogRecord::fromFields(...), $fields->objects('logEvents'));
        if ($records === [] && !$isControl) {
            throw new InvalidField(self::PATH . '.logEvents', 'at least one entry', 'none');
        }

        return new self(
            $event,
            $fields->string('owner'),
            $fields->string('logGroup'),
            $fields->string('logStream'),
            $fields->strings('subscriptionFilters'),
            $records,
            $isControl,
        );
    }

    /** @return ArrayIterator<int, LogRecord> */
    public function getIterator(): ArrayIterator
    {
        return new ArrayIterator($this->records);
    }

    public function count(): int
    {
        return \count($this->records);
    }

    private static function unpacked(string $data): Fields
    {
        if (!\function_exists('gzdecode')) {
            throw new LogicException('CloudWatchLogsEvent: expected the extension zlib, which'
                . ' unpacks the event; PHP has it not');
        }
        $json = @gzdecode($data);

        return $json === false
            ? throw new InvalidField(self::PATH, 'data of gzip in base64', 'other bytes')
            : Fields::of(Fields::decoded($json, self::PATH), self::PATH);
    }
}
