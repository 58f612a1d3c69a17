<?php
// SPDX-License-Identifier: MIT
//
// Handlers that are classes, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeNotStarted;
use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class ClassHandlerTest extends RuntimeTestCase
{
    private string $handler = '';

    /** @dataProvider strategies */
    public function testTheNameOfAClassIsAHandler(string $strategy): void
    {
        $this->handler = 'typed_class.php';

        $answer = $this->invoke($strategy, ['a' => [1]]);

        self::assertSame(['event' => ['a' => [1]], 'remaining' => true], $answer->value);
    }

    /** @dataProvider strategies */
    public function testAnObjectGetsItsTypedEvent(string $strategy): void
    {
        $this->handler = 'typed_object.php';

        $answer = $this->invoke($strategy, Samples::event('dynamodb'));

        self::assertSame(['served' => 1, 'names' => ['lamp']], $answer->value);
    }

    /** @dataProvider strategies */
    public function testAClassThatIsNoHandlerDoesNotBoot(string $strategy): void
    {
        $this->handler = 'no_handler.php';
        $message = 'Runtime.UnusableEntry: entry: use handle() of BookOrder: expected a class that';

        try {
            $answer = $this->invoke($strategy);
            // Under exec the boot is a part of the event.
            self::assertSame(
                ['exec', 'Runtime.UnusableEntry'],
                [$strategy, $answer->errorType],
            );
            self::assertStringContainsString($message, "$answer->errorType: $answer->errorMessage");
        } catch (RuntimeNotStarted $notStarted) {
            self::assertStringContainsString($message, $notStarted->getMessage());
        }
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 2) . '/fixtures/handlers';
    }

    protected function handler(): string
    {
        return $this->handler;
    }
}
