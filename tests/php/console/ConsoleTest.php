<?php
// SPDX-License-Identifier: MIT
//
// The answers of a console. A real one runs in tests/integration/runtime/console_test.cpp.

declare(strict_types=1);

namespace Phork\Tests\Console;

use Phork\Console\Console;
use Phork\Tests\LibraryTestCase;
use Phork\Worker\Failure;

final class ConsoleTest extends LibraryTestCase
{
    public function testTheCommandFindsItsArguments(): void
    {
        $found = null;
        $this->answer('{"argv":["migrate","--force"]}', static function () use (&$found): array {
            $found = [$_SERVER['argv'], $_SERVER['argc'], $GLOBALS['argv'], $GLOBALS['argc']];

            return [0, '', 0];
        });

        $argv = ['/task/bin/console', 'migrate', '--force'];
        self::assertSame([$argv, 3, $argv, 3], $found);
    }

    /** @dataProvider answers */
    public function testTheAnswerHasCodeAndOutput(string $event, array $ended, string $json): void
    {
        self::assertSame($json, $this->answer($event, static fn (): array => $ended));
    }

    public static function answers(): iterable
    {
        yield ['{"cli":""}', [0, "done\n", 0], '{"exitCode":0,"output":"done\n"}'];
        yield ['{"cli":""}', [3, 'grüße', 0], '{"exitCode":3,"output":"grüße"}'];
        yield ['{"cli":"","check":true}', [0, '', 0], '{"exitCode":0,"output":""}'];
        yield ['""', [0, '', 0], '{"exitCode":0,"output":""}'];
        $bytes = "{\"exitCode\":0,\"output\":\"a\u{FFFD}b\"}";
        yield 'bytes' => ['{"cli":""}', [0, "a\xFFb", 0], $bytes];
        $note = '[phork: 7 bytes before this are only in the log]\n';
        yield 'cut' => ['{"cli":""}', [0, 'end', 7], "{\"exitCode\":0,\"output\":\"{$note}end\"}"];
    }

    public function testOfOutputThatGrowsInJsonAsMuchAsFitsIsAnswered(): void
    {
        $ended = [0, str_repeat("\x1b", 1_200_000) . 'end', 0];

        $answer = $this->answer('{"cli":""}', static fn (): array => $ended);

        self::assertStringStartsWith('{"exitCode":0,"output":"[phork: 2000', $answer);
        self::assertStringEndsWith('\u001bend"}', $answer);
        self::assertGreaterThan(5_900_000, \strlen($answer));
    }

    /** @dataProvider checked */
    public function testAnExitCodeFailsTheEventOfACallerWhoWantsThat(string $event): void
    {
        $failure = $this->answer($event, static fn (): array => [3, "no\nway\n", 0]);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Phork\Console\CommandFailed', $failure->type);
        self::assertSame("exit code 3: no\nway", $failure->message);
    }

    public static function checked(): iterable
    {
        yield ['{"cli":"","check":true}'];
        yield ['"list"'];
    }

    public function testTheMessageOfAFailureHasTheEndOfTheOutput(): void
    {
        $output = str_repeat('é', 10_000) . 'end';
        $failure = $this->answer('"list"', static fn (): array => [1, $output, 0]);

        self::assertStringStartsWith('exit code 1: é', $failure->message);
        self::assertStringEndsWith('éend', $failure->message);
        self::assertLessThan(5_000, \strlen($failure->message));
    }

    public function testAnAnswerFitsLambdaWhateverTheOutputIs(): void
    {
        foreach (["\e", 'é', 'a', '"'] as $character) {
            $output = str_repeat($character, intdiv(5_000_000, \strlen($character)));
            $answer = $this->answer('{"cli":""}', static fn (): array => [0, $output, 0]);

            self::assertIsString($answer);
            self::assertLessThan(6 * 1024 * 1024 - 100_000, \strlen($answer));
            $kept = json_decode($answer, true)['output'];
            $dropped = preg_match('/^\[phork: (\d+) bytes/', $kept, $found) === 1 ? $found[1] : 0;
            $kept = preg_replace('/^\[phork: .*\n/', '', $kept);
            self::assertSame(\strlen($output), $dropped + \strlen($kept));
        }
    }

    public function testAnEventThatIsNoCommandIsInvalid(): void
    {
        $failure = $this->answer('{"Records":[]}', static fn () => self::fail('ran'));

        self::assertSame('Runtime.InvalidEvent', $failure->type);
        self::assertStringStartsWith('event: run a command: expected {"cli"', $failure->message);
    }

    private function answer(string $event, callable $run): string|Failure|null
    {
        return self::serve(new Console('/task/bin/console', $run(...)), $event);
    }
}
