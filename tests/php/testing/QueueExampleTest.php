<?php
// SPDX-License-Identifier: MIT
//
// The example of a typed handler, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class QueueExampleTest extends RuntimeTestCase
{
    private const ORDER = '{"number": 1, "amounts": [2.5]}';

    /** @dataProvider strategies */
    public function testTheMessageThatFailsComesAgain(string $strategy): void
    {
        $answer = $this->invoke($strategy, Samples::sqs(self::ORDER, 'secret', self::ORDER));

        self::assertSame('{"batchItemFailures":[{"itemIdentifier":"m-2"}]}', $answer->json);
        self::assertSame([['itemIdentifier' => 'm-2']], $answer->value['batchItemFailures']);
        self::assertNull($answer->errorType);
        self::assertSame(2, substr_count($answer->log, 'order 1: booked 2.50'));
        self::assertStringContainsString(
            'message m-2: Records[1].body: expected JSON of an object or list, got syntax error',
            $answer->log,
        );
        self::assertStringNotContainsString('secret', $answer->log);
    }

    /** @dataProvider strategies */
    public function testAnEventOfAnotherKindFailsWithoutItsPayload(string $strategy): void
    {
        $answer = $this->invoke($strategy, Samples::event('s3', ['Records' => [[
            's3' => ['object' => ['key' => 'secret']],
        ]]]));

        self::assertNull($answer->value);
        self::assertSame('Runtime.InvalidEvent', $answer->errorType);
        self::assertSame(
            "event: make Phork\Event\SqsEvent: Records[0].eventSource: expected 'aws:sqs', got"
            . ' another string',
            $answer->errorMessage,
        );
        self::assertStringNotContainsString('secret', $answer->log);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/queue';
    }

    protected function handler(): string
    {
        return 'worker.php';
    }
}
