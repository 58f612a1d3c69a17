<?php
// SPDX-License-Identifier: MIT
//
// The example of Symfony Messenger, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class MessengerExampleTest extends RuntimeTestCase
{
    protected function setUp(): void
    {
        if (!is_file($this->folder() . '/vendor/autoload.php')) {
            self::markTestSkipped('there are no packages in examples/symfony-messenger');
        }
    }

    /** @dataProvider strategies */
    public function testVariablesOfTheFunctionComeBeforeThoseOfDotEnv(string $strategy): void
    {
        $event = Samples::records('sqs', [self::message('m-1', '{"number": 1, "amounts": [1]}')]);

        $answer = $this->invoke($strategy, $event, ['CURRENCY' => 'USD']);

        self::assertStringContainsString('order 1: booked 1.00 USD', $answer->log);
    }

    /** @dataProvider strategies */
    public function testTheMessagesThatFailComeAgain(string $strategy): void
    {
        $answer = $this->invoke($strategy, Samples::records('sqs', [
            self::message('m-1', '{"number": 1, "amounts": [2.5]}'),
            self::message('m-2', '{"number": 2, "amounts": []}'),
            self::message('m-3', 'secret'),
            self::message('m-4', '{"number": 4, "amounts": [1, 2]}'),
        ]));

        self::assertSame(['m-2', 'm-3'], array_column(
            $answer->value['batchItemFailures'] ?? [],
            'itemIdentifier',
        ), $answer->log);
        // The ledger is reset behind each message.
        self::assertStringContainsString('order 1: booked 2.50 EUR, 1 in the ledger', $answer->log);
        self::assertStringContainsString('order 4: booked 3.00 EUR, 1 in the ledger', $answer->log);
        self::assertStringContainsString(
            'message m-2: Handling "App\Order" failed: order 2 has no amounts',
            $answer->log,
        );
        self::assertStringContainsString(
            "message m-3: the serializer of transport 'orders' cannot decode it",
            $answer->log,
        );
        self::assertStringNotContainsString('secret', $answer->log);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/symfony-messenger';
    }

    protected function handler(): string
    {
        return 'worker.php';
    }

    /** @return array<string, mixed> as Symfony's transport sends it */
    private static function message(string $id, string $body): array
    {
        $text = static fn (string $value): array => [
            'dataType' => 'String',
            'stringValue' => $value,
        ];

        return [
            'messageId' => $id,
            'body' => $body,
            'messageAttributes' => [
                'type' => $text('App\Order'),
                'Content-Type' => $text('application/json'),
            ],
        ];
    }
}
