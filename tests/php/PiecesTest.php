<?php
// SPDX-License-Identifier: MIT
//
// Results that are made piece by piece when answers are not streamed.

declare(strict_types=1);

namespace Phork\Tests;

use ArrayIterator;
use ArrayObject;
use DomainException;
use Generator;
use Phork\Tests\Fixtures\Price;
use Phork\Worker\Failure;

final class PiecesTest extends LibraryTestCase
{
    /** @dataProvider results */
    public function testPiecesBecomeJson(mixed $result, string $json): void
    {
        self::assertSame($json, self::serve(static fn (): mixed => $result));
    }

    public static function results(): iterable
    {
        yield 'values, whatever their keys' => [
            new ArrayIterator(['a' => 1, 'b' => ['c' => 2.0], 'd' => null]),
            '[1,{"c":2.0},null]',
        ];
        yield 'keys that repeat' => [self::generate([0 => 'a'], [0 => 'b']), '["a","b"]'];
        yield 'none' => [new ArrayIterator([]), '[]'];
        yield 'a collection is a value' => [new ArrayObject(['n' => 1]), '{"n":1}'];
        yield 'pieces of a body' => [
            ['statusCode' => 201, 'body' => self::generate(['a'], [1, "é\n"])],
            '{"body":"a1é\\n","statusCode":201}',
        ];
        yield 'bytes of a body' => [
            ['body' => self::generate(["\xFF"], ["\x00"])],
            '{"body":"/wA=","isBase64Encoded":true}',
        ];
        yield 'an empty body' => [['body' => new ArrayIterator([])], '{"body":""}'];
        yield 'JsonSerializable' => [['body' => new Price(static fn () => 3)], '{"body":3}'];
    }

    /** @dataProvider invalid */
    public function testAPieceThatIsNotTextIsNamed(mixed $result, string $message): void
    {
        $failure = self::serve(static fn (): mixed => $result);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame(['Runtime.InvalidResult', $message], [$failure->type, $failure->message]);
    }

    public static function invalid(): iterable
    {
        yield 'body' => [
            ['body' => self::generate(['x' => 'a'], ['x' => ['b']])],
            'result.body: piece 1: expected a string, got array',
        ];
        yield 'value' => [self::generate([['price' => NAN]]), 'result[0].price is NAN'];
        yield 'base64' => [
            ['body' => self::generate(['YQ==']), 'isBase64Encoded' => true],
            'result.isBase64Encoded: expected false with a body in pieces, which are raw bytes',
        ];
    }

    public function testAnExceptionBetweenPiecesIsAFailure(): void
    {
        $failure = self::serve(static function (): Generator {
            yield 'a';

            throw new DomainException('no more');
        });

        self::assertSame(['DomainException', 'no more'], [$failure->type, $failure->message]);
    }

    private static function generate(array ...$parts): Generator
    {
        foreach ($parts as $part) {
            yield from $part;
        }
    }
}
