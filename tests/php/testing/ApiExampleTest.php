<?php
// SPDX-License-Identifier: MIT
//
// The API that writes in random case: its handler alone, and under the real runtime.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\HandlerRun;
use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;
use Random\Engine\Mt19937;
use Random\Randomizer;
use RandomCase\RandomCase;

final class ApiExampleTest extends RuntimeTestCase
{
    /** @dataProvider strategies */
    public function testAQueryIsAnsweredUnderEachStrategy(string $strategy): void
    {
        $answer = $this->invoke($strategy, self::get('Hello, World'))->value;

        self::assertIsArray($answer);
        self::assertSame(200, $answer['statusCode']);
        self::assertSame("hello, world\n", strtolower($answer['body']));
    }

    public function testABadTextIsRefused(): void
    {
        $handler = HandlerRun::ofFile($this->folder() . '/api.php');
        $post = ['body' => base64_encode("\xff"), 'isBase64Encoded' => true];
        foreach ([self::get(''), Samples::event('http-v2', $post)] as $event) {
            $answer = $handler->invoke($event);
            self::assertIsArray($answer);
            self::assertSame(400, $answer['statusCode']);
            self::assertStringStartsWith('expected a text in UTF-8', $answer['body']);
        }
    }

    public function testEachLetterMayBeEither(): void
    {
        require_once $this->folder() . '/src/RandomCase.php';
        $case = new RandomCase(new Randomizer(new Mt19937(1)));
        $written = $case->write(str_repeat('aÜ1', 50));

        foreach (['a', 'A', 'ü', 'Ü', '1'] as $letter) {
            self::assertGreaterThan(10, mb_substr_count($written, $letter));
        }
        self::assertSame(150, mb_strlen($written));
    }

    /** @return array<string, mixed> */
    private static function get(string $text): array
    {
        return Samples::event('http-v2', [
            'requestContext' => ['http' => ['method' => 'GET']],
            'rawQueryString' => http_build_query(['text' => $text]),
        ]);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/random-case';
    }

    protected function handler(): string
    {
        return 'api.php';
    }
}
