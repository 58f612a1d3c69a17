<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use DomainException;
use Error;
use LogicException;
use Phork\Worker\Failure;

final class FailureTest extends LibraryTestCase
{
    public function testAFailureHasTypeMessageAndPlaceOfTheException(): void
    {
        $line = __LINE__ + 1;
        $failure = self::serve(static fn () => throw new DomainException('no such order'));

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('DomainException', $failure->type);
        self::assertSame('no such order', $failure->message);
        self::assertStringStartsWith('#0 ' . __FILE__ . "($line): ", $failure->stackTrace[0]);
        self::assertMatchesRegularExpression('/\{closure.*\}\(\)$/', $failure->stackTrace[0]);
        self::assertMatchesRegularExpression('/^#\d+ .+\(\d+\): \{main\}$/', self::last($failure));
    }

    public function testEachFrameHasTheLineOfItsCall(): void
    {
        $line = __LINE__ + 1;
        $inner = static fn () => throw new DomainException('no such order');
        $failure = self::serve(static fn () => $inner());

        [$thrown, $called] = [$line, $line + 1];
        self::assertStringStartsWith('#0 ' . __FILE__ . "($thrown): ", $failure->stackTrace[0]);
        self::assertStringStartsWith('#1 ' . __FILE__ . "($called): ", $failure->stackTrace[1]);
    }

    public function testAnErrorOfTheEngineIsAFailure(): void
    {
        $failure = self::serve(static fn () => this_function_is_not_defined());

        self::assertSame(Error::class, $failure->type);
        self::assertStringContainsString('this_function_is_not_defined', $failure->message);
    }

    public function testPreviousExceptionsArePartOfTheTrace(): void
    {
        $failure = self::serve(static function (): never {
            $cause = new LogicException('cause', 0, new Error('root'));

            throw new DomainException('effect', 0, $cause);
        });

        $causes = preg_grep('/^Caused by /', $failure->stackTrace);
        self::assertSame(
            ['Caused by LogicException: cause', 'Caused by Error: root'],
            array_values($causes),
        );
        self::assertStringStartsWith('#0 ', $failure->stackTrace[array_key_first($causes) + 1]);
    }

    public function testArgumentsAreNeverShown(): void
    {
        ini_set('zend.exception_ignore_args', '0');
        $failure = self::serve(
            static fn (array $e) => (static fn (string $s) => throw new Error('x'))($e['s']),
            '{"s":"hunter2"}',
        );

        self::assertStringNotContainsString('hunter2', implode("\n", $failure->stackTrace));
    }

    public function testInvalidUtf8IsReplaced(): void
    {
        $failure = self::serve(static fn () => throw new DomainException(
            "kept é🌍, replaced \xB1",
            0,
            new Error("\xB1"),
        ));

        self::assertSame("kept é🌍, replaced \u{FFFD}", $failure->message);
        self::assertContains("Caused by Error: \u{FFFD}", $failure->stackTrace);
        self::assertIsString(json_encode($failure, JSON_THROW_ON_ERROR));
    }

    public function testTheTypeOfAnAnonymousExceptionIsOneLine(): void
    {
        $failure = self::serve(static fn () => throw new class ('x') extends LogicException {
        });

        self::assertSame('LogicException@anonymous', $failure->type);
    }

    public function testTracesOfDeepRecursionAndLongChainsAreCut(): void
    {
        $recurse = static function (int $n) use (&$recurse): never {
            $n === 0 ? throw new Error('deep') : $recurse($n - 1);
        };
        $deep = self::serve(static fn () => $recurse(2000));
        $chained = self::serve(static function (): never {
            for ($thrown = null, $i = 0; $i < 2000; ++$i) {
                $thrown = new Error('link', 0, $thrown);
            }

            throw $thrown;
        });

        self::assertCount(101, $deep->stackTrace);
        self::assertMatchesRegularExpression('/^\.\.\. \d{4} more$/', self::last($deep));
        self::assertLessThan(300, \count($chained->stackTrace));
    }

    private static function last(Failure $failure): string
    {
        return $failure->stackTrace[array_key_last($failure->stackTrace)];
    }
}
