<?php
// SPDX-License-Identifier: MIT
//
// Results that are sent while they are made.

declare(strict_types=1);

namespace Phork\Tests;

use ArrayIterator;
use ArrayObject;
use DomainException;
use Generator;
use Iterator;
use IteratorAggregate;
use JsonSerializable;
use Phork\Tests\Fixtures\Price;
use Phork\Tests\Fixtures\Streamed;
use Phork\Worker\Failure;
use RuntimeException;
use Traversable;

/**
 * @runTestsInSeparateProcesses
 * @preserveGlobalState disabled
 */
final class StreamTest extends LibraryTestCase
{
    private const RAW = [0, [['Content-Type', 'application/octet-stream']]];

    protected function setUp(): void
    {
        require_once __DIR__ . '/fixtures/stream_functions.php';
    }

    public function testPiecesAreSentOneByOneAsBytes(): void
    {
        $seen = [];
        $text = new class () {
            public function __toString(): string
            {
                return 'text';
            }
        };
        $served = self::serve(static function () use (&$seen, $text): Generator {
            foreach (["\xFF", '', 7, $text] as $piece) {
                $seen[] = \count(Streamed::$calls);
                yield $piece;
            }
        });

        self::assertNull($served);
        self::assertSame([self::RAW, "\xFF", '7', 'text'], Streamed::$calls);
        self::assertSame([0, 2, 2, 3], $seen);
    }

    public function testAnyTraversableIsSent(): void
    {
        $aggregate = new class () implements IteratorAggregate {
            public function getIterator(): Traversable
            {
                yield from ['a', 'b'];
            }
        };
        foreach ([$aggregate, new ArrayIterator(['x' => 'a', 'y' => 'b'])] as $result) {
            Streamed::$calls = [];
            self::assertNull(self::serve(static fn (): Traversable => $result));
            self::assertSame([self::RAW, 'a', 'b'], Streamed::$calls);
        }
    }

    public function testAnHttpAnswerHasItsStatusHeadersAndCookies(): void
    {
        self::assertNull(self::serve(static fn (): array => [
            'statusCode' => 201,
            'headers' => ['Content-Type' => 'text/plain', 'X-Twice' => ['one', 2]],
            'multiValueHeaders' => ['X-Three' => ['three']],
            'cookies' => ['a=1', 'b=2; Path=/'],
            'body' => new ArrayIterator(['a', 'b']),
        ]));

        self::assertSame([
            [201, [
                ['Content-Type', 'text/plain'],
                ['X-Twice', 'one'],
                ['X-Twice', '2'],
                ['X-Three', 'three'],
                ['Set-Cookie', 'a=1'],
                ['Set-Cookie', 'b=2; Path=/'],
            ]],
            'a',
            'b',
        ], Streamed::$calls);
    }

    public function testAnAnswerWithoutPiecesStillBegins(): void
    {
        self::assertNull(self::serve(static fn (): array => ['body' => new ArrayIterator([])]));
        self::assertSame([[200, []]], Streamed::$calls);
    }

    /** @dataProvider values */
    public function testAResultThatIsNotInPiecesIsSentAsAWhole(mixed $result, string $json): void
    {
        self::assertSame($json, self::serve(static fn (): mixed => $result));
        self::assertSame([], Streamed::$calls);
    }

    public static function values(): iterable
    {
        yield 'array' => [['a', 'b'], '["a","b"]'];
        yield 'http' => [['statusCode' => 200, 'body' => 'a'], '{"statusCode":200,"body":"a"}'];
        yield 'collection' => [new ArrayObject(['n' => 1]), '{"n":1}'];
    }

    public function testJsonSerializableIsAnsweredAsAWhole(): void
    {
        $price = new Price(static fn (): array => ['eur' => 3]);

        self::assertSame('{"eur":3}', self::serve(static fn (): Price => $price));
    }

    public function testASequenceWithItsOwnJsonIsAnsweredAsAWhole(): void
    {
        $page = new class () implements IteratorAggregate, JsonSerializable {
            public function getIterator(): Iterator
            {
                yield 'piece';
            }

            public function jsonSerialize(): array
            {
                return ['page' => 1];
            }
        };

        self::assertSame('{"page":1}', self::serve(static fn (): object => $page));
        self::assertSame([], Streamed::$calls);
    }

    public function testAFailureBeforeTheFirstPieceBeginsNoStream(): void
    {
        $failure = self::serve(static function (): Generator {
            throw new DomainException('at once');
            yield;
        });

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame([], Streamed::$calls);
    }

    public function testAFailureAfterTheFirstPieceIsReported(): void
    {
        $failure = self::serve(static function (): Generator {
            yield 'a';

            throw new DomainException('later');
        });

        self::assertSame('later', $failure->message);
        self::assertSame([self::RAW, 'a'], Streamed::$calls);
    }

    public function testAPieceThatIsNotTextIsNamedAndEndsTheSource(): void
    {
        $ended = false;
        $failure = self::serve(static function () use (&$ended): Generator {
            try {
                yield 'a';
                yield null;
            } finally {
                $ended = true;
            }
        });

        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertSame('result: piece 1: expected a string, got null', $failure->message);
        self::assertTrue($ended);
    }

    public function testTheSourceEndsWhenTheClientHasGone(): void
    {
        Streamed::$patience = 2;
        $steps = [];
        $source = static function () use (&$steps): Generator {
            try {
                foreach (['a', 'b', 'c'] as $piece) {
                    $steps[] = $piece;
                    yield $piece;
                }
            } finally {
                $steps[] = 'ended';
            }
        };

        self::assertNull(self::serve(static fn (): array => ['body' => $source()]));
        self::assertSame(['a', 'b', 'ended'], $steps);
    }

    public function testAnExceptionAtTheEndOfTheSourceIsAFailure(): void
    {
        Streamed::$patience = 1;
        $failure = self::serve(static function (): Generator {
            try {
                yield 'a';
            } finally {
                throw new RuntimeException('cannot close');
            }
        });

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('cannot close', $failure->message);
    }

    /** @dataProvider invalid */
    public function testAnInvalidHeadIsNamedBeforeAnythingIsSent(
        array $result,
        string $message,
    ): void {
        $failure = self::serve(static fn (): array => $result + ['body' => new ArrayIterator()]);

        self::assertSame(['Runtime.InvalidResult', $message], [$failure->type, $failure->message]);
        self::assertSame([], Streamed::$calls);
    }

    public static function invalid(): iterable
    {
        yield 'status' => [
            ['statusCode' => 99],
            'result.statusCode: expected a status from 200 to 599, got 99',
        ];
        yield 'interim status' => [
            ['statusCode' => 199],
            'result.statusCode: expected a status from 200 to 599, got 199',
        ];
        yield 'type of status' => [
            ['statusCode' => 'ok'],
            'result.statusCode: expected a status from 200 to 599, got string',
        ];
        yield 'headers' => [['headers' => 'x'], 'result.headers: expected an array, got string'];
        yield 'header' => [
            ['headers' => ['X' => null]],
            'result.headers.X: expected a string, got null',
        ];
        yield 'cookie' => [['cookies' => [[]]], 'result.cookies[0]: expected a string, got array'];
        yield 'base64' => [
            ['isBase64Encoded' => true],
            'result.isBase64Encoded: expected false with a body in pieces, which are raw bytes',
        ];
    }
}
