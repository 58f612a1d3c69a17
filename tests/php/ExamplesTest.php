<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Event\SqsEvent;
use Phork\Testing\Samples;
use PHPUnit\Framework\TestCase;

/** The handlers of examples/ that answer to events of AWS. */
final class ExamplesTest extends TestCase
{
    private const EXAMPLES = __DIR__ . '/../../examples';
    private const ORDER = '{"number": 1, "amounts": [2.5]}';

    private string|false $log;

    protected function setUp(): void
    {
        $this->log = ini_set('error_log', '/dev/null');
    }

    protected function tearDown(): void
    {
        ini_set('error_log', (string) $this->log);
    }

    /** @param list<array{string, string, 2?: string}> $messages id, body and group */
    private static function failedOf(array $messages): array
    {
        $sample = isset($messages[0][2]) ? 'sqs-fifo' : 'sqs';
        $event = Samples::records($sample, array_map(static fn (array $message): array => [
            'messageId' => $message[0],
            'body' => $message[1],
            'attributes' => isset($message[2]) ? ['MessageGroupId' => $message[2]] : [],
        ], $messages));
        $answer = (require self::EXAMPLES . '/queue/worker.php')(SqsEvent::fromArray($event));

        return $answer->ids();
    }

    public function testAMessageThatFailsDoesNotTakeTheOthersWithIt(): void
    {
        $messages = [['a', self::ORDER], ['b', 'x'], ['c', '{"number": "7"}'], ['d', self::ORDER]];

        self::assertSame(['b', 'c'], self::failedOf($messages));
        self::assertSame([], self::failedOf([['a', self::ORDER]]));
    }

    public function testAMessageOfAFifoGroupDoesNotOvertakeOneThatFailed(): void
    {
        $messages = [['a', 'x', 'one'], ['b', self::ORDER, 'one'], ['c', self::ORDER, 'two']];

        self::assertSame(['a', 'b'], self::failedOf($messages));
    }
}
