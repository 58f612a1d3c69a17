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

    public function testACommandAnswersWithItsOutput(): void
    {
        $run = $this->console();

        $answer = $run(['command' => 'planets --larger-than=10000']);

        self::assertSame(['output' => "earth 12742 km\njupiter 139820 km"], $answer);
    }

    /** @return list<array{array, string}> */
    public static function commandsThatFail(): array
    {
        return [
            [['command' => 'planets --larger-than=many'], "got 'many'"],
            [['command' => 'moons'], 'Command "moons" is not defined.'],
            [[], 'expected an event such as {"command": "list"}'],
        ];
    }

    /** @dataProvider commandsThatFail */
    public function testACommandThatFailsFailsItsEvent(array $event, string $message): void
    {
        $run = $this->console();

        $this->expectExceptionMessage($message);

        $run($event);
    }

    private function console(): callable
    {
        if (!is_file(self::EXAMPLES . '/console/vendor/autoload.php')) {
            self::markTestSkipped('there are no packages in examples/console');
        }
        return require self::EXAMPLES . '/console/console.php';
    }
}
