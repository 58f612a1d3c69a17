<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use ArrayObject;
use DateTimeImmutable;
use Phork\Tests\Fixtures\Currency;
use Phork\Tests\Fixtures\Level;
use Phork\Tests\Fixtures\Price;
use Phork\Worker\Failure;
use RuntimeException;
use stdClass;

final class ResultTest extends LibraryTestCase
{
    /** @dataProvider results */
    public function testResultsAreWrittenAsJson(mixed $result, string $json): void
    {
        self::assertSame($json, self::serve(static fn (): mixed => $result));
    }

    public static function results(): iterable
    {
        yield 'nothing' => [null, 'null'];
        yield 'slashes and unicode stay' => ['a/é🌍', '"a/é🌍"'];
        yield 'a whole float stays a float' => [[1.0, 10, 0.1], '[1.0,10,0.1]'];
        yield 'an empty object' => [new stdClass(), '{}'];
        yield 'enum with a value' => [['in' => Currency::Euro], '{"in":"EUR"}'];
        yield 'JsonSerializable' => [new Price(static fn (): array => ['eur' => 3]), '{"eur":3}'];
        $shared = new ArrayObject(['n' => 1]);
        yield 'the same object twice' => [[$shared, $shared], '[{"n":1},{"n":1}]'];
    }

    public function testDeepResultsAreWritten(): void
    {
        for ($result = [], $i = 1; $i < 9999; ++$i) {
            $result = [$result];
        }

        self::assertSame(2 * 9999, \strlen(self::serve(static fn (): array => $result)));
    }

    /** @dataProvider invalidResults */
    public function testAnInvalidValueIsNamedByItsPath(mixed $result, string $message): void
    {
        $failure = self::serve(static fn (): mixed => $result);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertSame($message, $failure->message);
        self::assertSame([], $failure->stackTrace);
    }

    public static function invalidResults(): iterable
    {
        yield 'NAN at the top' => [NAN, 'result is NAN'];
        yield 'NAN in a list' => [
            ['items' => [[], [], [], ['name' => 'ok', 'price' => NAN]]],
            'result.items[3].price is NAN',
        ];
        yield 'infinity' => [[1, -INF], 'result[1] is -INF'];
        yield 'not UTF-8' => [['name' => "\xB1"], 'result.name is not valid UTF-8'];
        yield 'key not UTF-8' => [
            ['a' => ["\xB1" => 1]],
            'result.a has a key that is not valid UTF-8',
        ];
        yield 'unusual keys' => [
            ['a b' => [5 => ["it's" => NAN]]],
            'result["a b"].5["it\'s"] is NAN',
        ];
        yield 'property' => [(object) ['price' => NAN], 'result.price is NAN'];
        yield 'resource' => [['file' => STDIN], 'result.file is a resource (stream)'];
        yield 'enum without values' => [
            [Level::High],
            'result[0] is a case of an enum without values: Phork\Tests\Fixtures\Level',
        ];
        yield 'inside jsonSerialize' => [
            [new Price(static fn (): array => ['cents' => NAN])],
            'result[0].cents is NAN',
        ];
        yield 'after a fine DateTime' => [[new DateTimeImmutable(), NAN], 'result[1] is NAN'];
    }

    public function testAJsonSerializableThatThrowsIsNamedAndTraced(): void
    {
        $line = __LINE__ + 1;
        $price = new Price(static fn () => throw new RuntimeException('no rate'));
        $failure = self::serve(static fn (): array => ['price' => $price]);

        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertSame(
            'result.price: jsonSerialize() of Phork\Tests\Fixtures\Price threw'
            . ' RuntimeException: no rate',
            $failure->message,
        );
        self::assertStringStartsWith('#0 ' . __FILE__ . "($line): ", $failure->stackTrace[0]);
    }

    public function testAJsonSerializableThatThrowsOnceIsAFailure(): void
    {
        $thrown = false;
        $price = new Price(static function () use (&$thrown): int {
            return $thrown ? 1 : ($thrown = true) && throw new RuntimeException('not yet');
        });
        $failure = self::serve(static fn (): array => ['price' => $price]);

        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertSame('result: not yet', $failure->message);
    }

    public function testAnObjectThatContainsItselfIsNamed(): void
    {
        $node = new stdClass();
        $node->next = new stdClass();
        $node->next->first = $node;

        $failure = self::serve(static fn (): array => ['list' => $node]);
        self::assertSame('result.list.next.first contains itself', $failure->message);
    }

    public function testAnArrayThatContainsItselfIsNamed(): void
    {
        $node = ['n' => 1];
        $node['next'] = &$node;

        $failure = self::serve(static fn (): array => ['list' => $node]);
        self::assertMatchesRegularExpression(
            '/^result\.list(\.next)+ contains itself$/',
            $failure->message,
        );
    }

    public function testAResultThatIsTooDeepIsReportedInOneShortLine(): void
    {
        for ($result = [], $i = 0; $i < 10000; ++$i) {
            $result = ['child' => $result];
        }

        $failure = self::serve(static fn (): array => $result);
        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertStringEndsWith(' is nested deeper than 10000 levels', $failure->message);
        self::assertLessThan(500, \strlen($failure->message));
    }
}
