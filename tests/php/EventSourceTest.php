<?php
// SPDX-License-Identifier: MIT
//
// A part of an event that a result returns is written as it came, though PHP's arrays and numbers
// do not hold all of it.

declare(strict_types=1);

namespace Phork\Tests;

use ArrayObject;
use Closure;
use Phork\Context;
use Phork\Tests\Fixtures\Price;
use Phork\Worker\Failure;
use stdClass;

final class EventSourceTest extends LibraryTestCase
{
    /** @dataProvider events */
    public function testAnEventThatIsReturnedIsAsItCame(string $json): void
    {
        self::assertSame($json, self::serve(static fn (mixed $event): mixed => $event, $json));
    }

    public static function events(): iterable
    {
        $events = [
            '{}', '[]', '[{},[],{}]', '{"a":{},"b":[],"c":{"d":{}}}', '{"":{}}', '{"\u0000k":{}}',
            '{"0":"a","1":{}}', '[{"0":1},[1],{"0":{"0":[]}}]', '{"1":"a","0":"b"}',
            '18446744073709551616', '{"n":[18446744073709551616,18446744073709551617,1,1.5]}',
            '-9223372036854775809', '[-0,0,-0.0,0.0,-0e0]', '[1.0,1e3,1E+3,1.10,0.00001,1000.0]',
            '[1e400,-1e400]', '[0.12345678901234567890]', '[100000000000000000000000000.5]',
            '{"s":"{} \"0\": [1e3] \\\\","x":{}}', '{"s":"\\\\\\"","x":{}}',
        ];
        foreach ($events as $event) {
            yield $event => [$event];
        }
        $deep = str_repeat('{"id":1e1,"child":', 1600) . '{}' . str_repeat('}', 1600);
        yield 'an event nested 1600 deep' => [$deep];
        yield 'a large event' => ['{"a":{},"b":"' . str_repeat('\\"{}x', 1000000) . '","c":{}}'];
    }

    /** @dataProvider changes */
    public function testAChangeLeavesTheRestAsItCame(
        string $event,
        Closure $handler,
        string $result,
    ): void {
        self::assertSame($result, self::serve($handler, $event));
    }

    public static function changes(): iterable
    {
        yield 'Cognito' => [
            '{"request":{"userAttributes":{},"validationData":{}},"response":{}}',
            static function (array $event): array {
                $event['response']['autoConfirmUser'] = true;

                return $event;
            },
            '{"request":{"userAttributes":{},"validationData":{}}'
                . ',"response":{"autoConfirmUser":true}}',
        ];
        yield 'CloudFormation macro' => [
            '{"requestId":"r","fragment":{"Resources":{"T":{"Type":"A","Properties":{}}},"N":1e2},'
                . '"params":{}}',
            static function (array $event): array {
                $event['fragment']['Resources']['B'] = ['Type' => 'B', 'DependsOn' => []];

                return ['status' => 'success', 'fragment' => $event['fragment']];
            },
            '{"status":"success","fragment":{"Resources":{"T":{"Type":"A","Properties":{}},'
                . '"B":{"Type":"B","DependsOn":[]}},"N":1e2}}',
        ];
        yield 'a part in another place' => [
            '{"a":{},"id":18446744073709551616,"m":{"0":{"0":1}},"l":[[]],"e":1e2}',
            static fn (array $e): array => ['w' => $e, 'k' => $e['id'], 'x' => [$e['m'], $e['e']]],
            '{"w":{"a":{},"id":18446744073709551616,"m":{"0":{"0":1}},"l":[[]],"e":1e2}'
                . ',"k":18446744073709551616,"x":[{"0":{"0":1}},1e2]}',
        ];
        yield 'a list made of the event' => [
            '{"Records":[{"a":{}},{"b":{"0":1}},{"drop":1}]}',
            static fn (array $event): array => array_map(
                static fn (array $record): array => $record + ['own' => []],
                array_values(array_filter($event['Records'], static fn ($r) => !isset($r['drop']))),
            ),
            '[{"a":{},"own":[]},{"b":{"0":1},"own":[]}]',
        ];
        yield 'keys that go and come' => [
            '{"o":{"0":"a","1":"b"},"p":{"0":"x"},"q":{"z":1},"r":{}}',
            static function (array $event): array {
                unset($event['o'][1], $event['q']['z']);
                $event['p'][] = 'y';

                return $event;
            },
            '{"o":{"0":"a"},"p":{"0":"x","1":"y"},"q":[],"r":{}}',
        ];
        yield 'an object that was filled and emptied' => [
            '{"a":{},"b":{}}',
            static function (array $event): array {
                $event['a'][] = 1;
                array_pop($event['a']);

                return $event;
            },
            '{"a":[],"b":{}}',
        ];
        yield 'a list that equals an object' => [
            '{"list":[1],"object":{"0":1}}',
            static fn (array $e): array => ['moved' => $e['list'], 'object' => $e['object']],
            '{"moved":[1],"object":{"0":1}}',
        ];
        yield 'numbers that were changed' => [
            '{"a":1e3,"b":-0.0,"c":-0,"d":2e3,"e":1.10}',
            static fn (array $e): array => ['a' => $e['a'] + 1, 'b' => 0.0, 'c' => 1, 'd' => 2000],
            '{"a":1001.0,"b":0.0,"c":1,"d":2000}',
        ];
        yield 'one value in two texts, in another place' => [
            '{"a":1e3,"b":1000.00,"c":2e3}',
            static fn (array $e): array => [$e['a'], $e['b'], $e['c']],
            '[1000.0,1000.0,2e3]',
        ];
    }

    /** @dataProvider ownArrays */
    public function testAnEmptyArrayOfTheHandlerIsAList(Closure $handler, string $result): void
    {
        self::assertSame($result, self::serve($handler, '{}'));
        self::assertSame($result, self::serve($handler, '{"a":{},"b":{"c":{}}}'));
    }

    public static function ownArrays(): iterable
    {
        $none = static fn (): bool => false;
        yield 'a literal' => [static fn (): array => [], '[]'];
        yield 'in its place' => [static fn (): array => ['a' => [], 'b' => ['c' => []]],
            '{"a":[],"b":{"c":[]}}'];
        yield 'made by a function' => [static fn (): array => array_filter([1], $none), '[]'];
        yield 'emptied' => [static function (): array {
            $array = ['a' => 1];
            unset($array['a']);

            return ['a' => $array];
        }, '{"a":[]}'];
    }

    /** @dataProvider objects */
    public function testTheEventIsFoundInObjects(Closure $handler, string $result): void
    {
        self::assertSame($result, self::serve($handler, '{"a":{},"n":1e2}'));
    }

    public static function objects(): iterable
    {
        $as = '{"a":{},"n":1e2}';
        yield 'cast' => [static fn (array $e): object => (object) $e, $as];
        yield 'ArrayObject' => [static fn (array $e): object => new ArrayObject($e), $as];
        yield 'JsonSerializable' => [
            static fn (array $e): array => [new Price(static fn (): array => $e)],
            "[$as]",
        ];
        yield 'properties' => [static fn (array $e) => new class ($e) {
            public function __construct(public array $event, private int $hidden = 7)
            {
            }
        }, "{\"event\":$as}"];
        yield 'an object of its own' => [static fn (array $e) => [$e, new stdClass()], "[$as,{}]"];
    }

    public function testAReferenceInTheResultKeepsItsValue(): void
    {
        $kept = null;
        $result = self::serve(static function (array $event) use (&$kept): array {
            $kept = $event['n'];

            return ['n' => &$kept, 'a' => $event['a']];
        }, '{"a":{},"n":1e2}');

        self::assertSame(['{"n":1e2,"a":{}}', 100.0], [$result, $kept]);
    }

    public function testAResultThatContainsItselfIsStillNamed(): void
    {
        $loop = static function (array $event): array {
            $event['self'] = &$event;

            return $event;
        };
        $failure = self::serve($loop, '{"a":{}}');

        self::assertInstanceOf(Failure::class, $failure);
        self::assertStringEndsWith(' contains itself', $failure->message);
    }

    public function testTheHandlerSeesAnEmptyArray(): void
    {
        $seen = null;
        self::serve(static function (array $event) use (&$seen): void {
            $event['b'][] = 1;
            $seen = [$event['a'] === [], $event['b'] === [1], \count($event['a'])];
        }, '{"a":{},"b":{}}');

        self::assertSame([true, true, 0], $seen);
    }

    public function testAnObjectOfAnEarlierEventIsOne(): void
    {
        $kept = [];
        $dispatcher = self::boot(static function (array $event) use (&$kept): array {
            $kept[] = $event;

            return $kept;
        });

        $dispatcher->serveEvent('{"a":{}}', self::INVOCATION);
        $answer = $dispatcher->serveEvent('{"b":{}}', self::INVOCATION);
        self::assertSame('[{"a":{}},{"b":{}}]', $answer);
    }

    public function testTheContextHasTheTextOfTheEvent(): void
    {
        $handler = static fn (array $event, Context $context): string => $context->rawEvent;

        self::assertSame('"{ \\"a\\": {} }"', self::serve($handler, '{ "a": {} }'));
        self::assertSame('{}', Context::fake(rawEvent: '{}')->rawEvent);
    }
}
