<?php
// SPDX-License-Identifier: MIT
//
// Records that come again.

declare(strict_types=1);

namespace Phork\Tests\Events;

use Phork\Event\BatchFailures;
use Phork\Event\DynamoDbEvent;
use Phork\Event\KafkaEvent;
use Phork\Event\KinesisEvent;
use Phork\Event\Record\KafkaRecord;
use Phork\Event\Record\KinesisRecord;
use Phork\Event\Record\SqsRecord;
use Phork\Event\SqsEvent;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;
use RuntimeException;
use Throwable;

final class BatchTest extends TestCase
{
    private string|false $log;

    protected function setUp(): void
    {
        $this->log = ini_set('error_log', '/dev/null');
    }

    protected function tearDown(): void
    {
        ini_set('error_log', (string) $this->log);
    }

    public function testFailuresAreNamedInTheOrderOfTheBatchAndOnce(): void
    {
        $failures = SqsEvent::fromArray(Samples::sqs('a', 'b', 'c'))->failures();
        self::assertTrue($failures->isEmpty());
        self::assertSame('{"batchItemFailures":[]}', json_encode($failures));

        $failures->add('m-3');
        $failures->add('m-1');
        $failures->add('m-3');

        self::assertFalse($failures->isEmpty());
        self::assertSame(
            '{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-3"}]}',
            json_encode($failures),
        );
    }

    public function testAnIdThatLooksLikeANumberStaysAString(): void
    {
        $failures = new BatchFailures(['222']);
        $failures->add('222');

        self::assertSame(['222'], $failures->ids());
        self::assertSame(
            '{"batchItemFailures":[{"itemIdentifier":"222"}]}',
            json_encode($failures),
        );
    }

    public function testAnUnknownIdIsRefusedAndNotShown(): void
    {
        $failures = SqsEvent::fromArray(Samples::sqs('a', 'b'))->failures();

        $this->expectExceptionMessage('batchItemFailures: add: expected the id of one of the 2 '
            . 'records of this batch, got another string');

        $failures->add('secret');
    }

    public function testEachNamesTheMessagesThatThrew(): void
    {
        $told = [];
        $failures = SqsEvent::fromArray(Samples::sqs('good', 'bad', 'good', 'bad'))->each(
            static fn (SqsRecord $record) => self::work($record->body),
            static function (SqsRecord $record, Throwable $thrown) use (&$told): void {
                $told[] = "$record->messageId {$thrown->getMessage()}";
            },
        );

        self::assertSame(['m-2', 'm-4'], $failures->ids());
        self::assertSame(['m-2 bad', 'm-4 bad'], $told);
    }

    public function testAMessageOfAFifoGroupDoesNotOvertakeOneThatFailed(): void
    {
        $event = SqsEvent::fromArray(Samples::records('sqs-fifo', [
            self::message('a', 'bad', 'one'),
            self::message('b', 'good', 'one'),
            self::message('c', 'good', 'two'),
        ]));

        self::assertSame(['a', 'b'], $event->each(self::workOn(...))->ids());
    }

    public function testGroupsOfAStandardQueueHaveNoOrder(): void
    {
        $event = SqsEvent::fromArray(Samples::records('sqs', [
            self::message('a', 'bad', 'one'),
            self::message('b', 'good', 'one'),
        ]));

        self::assertSame(['a'], $event->each(self::workOn(...))->ids());
    }

    public function testAStreamStopsAtTheFirstRecordThatFails(): void
    {
        $seen = [];
        $event = KinesisEvent::fromArray(Samples::records('kinesis', [
            ['kinesis' => ['sequenceNumber' => '1', 'data' => base64_encode('good')]],
            ['kinesis' => ['sequenceNumber' => '2', 'data' => base64_encode('bad')]],
            ['kinesis' => ['sequenceNumber' => '3', 'data' => base64_encode('good')]],
        ]));

        $failures = $event->each(static function (KinesisRecord $record) use (&$seen): void {
            $seen[] = $record->sequenceNumber;
            self::work($record->data);
        });

        self::assertSame(['1', '2'], $seen);
        self::assertSame(['2'], $failures->ids());
    }

    public function testAPartitionOfKafkaStopsAtItsFirstRecordThatFails(): void
    {
        $seen = [];
        $record = Samples::event('kafka')['records']['orders-0'][0];
        $of = static fn (int $offset, string $text): array =>
            ['offset' => $offset, 'value' => base64_encode($text)] + $record;
        $event = KafkaEvent::fromArray(['records' => [
            'orders-0' => [$of(1, 'good'), $of(2, 'bad'), $of(3, 'good')],
            'orders-1' => [$of(7, 'good'), $of(8, 'bad')],
        ]] + Samples::event('kafka'));

        $failures = $event->each(static function (KafkaRecord $record) use (&$seen): void {
            $seen[] = $record->id;
            self::work((string) $record->value);
        });

        self::assertSame(['orders-0:1', 'orders-0:2', 'orders-1:7', 'orders-1:8'], $seen);
        self::assertSame(
            '{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0","offset":2}},'
            . '{"itemIdentifier":{"partition":"orders-1","offset":8}}]}',
            json_encode($failures),
        );
    }

    public function testTheLastEventOfAWindowMayBeEmpty(): void
    {
        $window = ['window' => ['start' => '2020-12-09T07:04:00Z']];

        self::assertCount(0, KinesisEvent::fromArray(['Records' => []] + $window));
        self::assertCount(0, DynamoDbEvent::fromArray(['Records' => []] + $window));
    }

    /** @return array<mixed> */
    private static function message(string $id, string $body, string $group): array
    {
        return [
            'messageId' => $id,
            'body' => $body,
            'attributes' => ['MessageGroupId' => $group],
        ];
    }

    private static function workOn(SqsRecord $record): void
    {
        self::work($record->body);
    }

    private static function work(string $text): void
    {
        if ($text === 'bad') {
            throw new RuntimeException($text);
        }
    }
}
