<?php
// SPDX-License-Identifier: MIT
//
// The example of Laravel's queue, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class LaravelQueueExampleTest extends RuntimeTestCase
{
    private const KEY = 'base64:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=';

    protected function setUp(): void
    {
        if (!is_file($this->folder() . '/vendor/autoload.php')) {
            self::markTestSkipped('there are no packages in examples/laravel-queue');
        }
    }

    /** @dataProvider strategies */
    public function testVariablesOfTheFunctionComeBeforeThoseOfDotEnv(string $strategy): void
    {
        $event = Samples::sqs(self::job(2, 'a:0:{}'));

        $answer = $this->invoke($strategy, $event, ['APP_KEY' => self::KEY]);
        self::assertStringContainsString('local.ERROR: order 2 has no', $answer->log);

        $answer = $this->invoke($strategy, $event, ['APP_KEY' => self::KEY, 'APP_ENV' => 'blue']);
        self::assertStringContainsString('blue.ERROR: order 2 has no', $answer->log);
    }

    /** @dataProvider strategies */
    public function testTheJobsThatFailComeAgain(string $strategy): void
    {
        $answer = $this->invoke($strategy, Samples::sqs(
            self::job(1, 'a:1:{i:0;d:2.5;}'),
            self::job(2, 'a:0:{}'),
            'secret',
            self::job(4, 'a:2:{i:0;i:1;i:1;i:2;}'),
        ), ['APP_KEY' => self::KEY]);

        self::assertSame(['m-2', 'm-3'], array_column(
            $answer->value['batchItemFailures'] ?? [],
            'itemIdentifier',
        ), $answer->log);
        // The ledger is a scoped service: each job has its own.
        self::assertStringContainsString('order 1: booked 2.50, 1 in the ledger', $answer->log);
        self::assertStringContainsString('order 4: booked 3.00, 1 in the ledger', $answer->log);
        self::assertStringContainsString('message m-2: order 2 has no amounts', $answer->log);
        self::assertStringContainsString('message m-3: Records[2].body: expected', $answer->log);
        self::assertStringNotContainsString('secret', $answer->log);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/laravel-queue';
    }

    protected function handler(): string
    {
        return 'worker.php';
    }

    // As Laravel's queue sends it.
    private static function job(int $number, string $amounts): string
    {
        $class = 'App\Jobs\BookOrder';
        $length = \strlen($class);
        [$numberKey, $amountsKey] = ["\0$class\0number", "\0$class\0amounts"];
        $command = "O:$length:\"$class\":2:{s:" . \strlen($numberKey) . ":\"$numberKey\";i:$number;"
            . 's:' . \strlen($amountsKey) . ":\"$amountsKey\";$amounts}";

        return json_encode([
            'uuid' => "9f099daf-f72a-4967-a0c5-00000000000$number",
            'displayName' => $class,
            'job' => 'Illuminate\Queue\CallQueuedHandler@call',
            'data' => ['commandName' => $class, 'command' => $command],
        ], JSON_THROW_ON_ERROR);
    }
}
