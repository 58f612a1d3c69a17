<?php
// SPDX-License-Identifier: MIT
//
// A function whose name is the handler setting, under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeTestCase;

final class TutorialExampleTest extends RuntimeTestCase
{
    /** @dataProvider strategies */
    public function testTheFunctionGetsTheEvent(string $strategy): void
    {
        $answer = $this->invoke($strategy, ['name' => 'Ada']);

        self::assertSame('Hello, Ada!', $answer->value, $answer->log);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/tutorial';
    }

    protected function handler(): string
    {
        return 'index';
    }
}
