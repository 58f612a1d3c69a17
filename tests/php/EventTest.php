<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Context;
use Phork\Worker\Failure;

final class EventTest extends LibraryTestCase
{
    public function testAHandlerGetsTheEventAndItsContext(): void
    {
        $json = self::bootHandler('echo.php')->serveEvent('{"a":{"b":[1,2]}}', self::INVOCATION);

        $answer = json_decode($json, true);
        self::assertSame(['a' => ['b' => [1, 2]]], $answer['event']);
        self::assertSame(self::INVOCATION['requestId'], $answer['context']['requestId']);
        self::assertSame(self::INVOCATION['deadlineMs'], $answer['context']['deadlineMs']);
        self::assertSame(self::INVOCATION['traceId'], $answer['context']['traceId']);
        self::assertSame('blue', $answer['context']['tenantId']);
        self::assertSame('shop', $answer['context']['clientContext']['client']['app_title']);
        self::assertSame(['cognitoIdentityId' => 'id-1'], $answer['context']['identity']);
    }

    public function testOneDispatcherServesManyEvents(): void
    {
        $dispatcher = self::bootHandler('warm.php');

        $served = [];
        for ($i = 0; $i < 3; ++$i) {
            $served[] = json_decode($dispatcher->serveEvent('{}', self::INVOCATION))->served;
        }
        self::assertSame([1, 2, 3], $served);
    }

    /** @dataProvider events */
    public function testAnyJsonIsAnEvent(string $json): void
    {
        self::assertSame($json, self::serve(static fn (mixed $event): mixed => $event, $json));
    }

    public static function events(): iterable
    {
        foreach (['null', '7', '-1.5', '""', '[]', '{"a":{"b":null}}', '"é🌍"'] as $value) {
            yield $value => [$value];
        }
        yield 'an event nested 600 deep' => [str_repeat('[', 600) . str_repeat(']', 600)];
        $deep = str_repeat('{"id":1,"child":', 1600) . 'null' . str_repeat('}', 1600);
        yield 'an event nested 1600 deep' => [$deep];
    }

    /** @dataProvider notEvents */
    public function testInvalidJsonFailsAndIsNotShown(string $json, string $message): void
    {
        $failure = self::serve(static fn (): string => self::fail('was called'), $json);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Runtime.InvalidEvent', $failure->type);
        self::assertSame($message, $failure->message);
        self::assertSame([], $failure->stackTrace);
    }

    public static function notEvents(): iterable
    {
        yield 'empty' => ['', 'event: decode JSON of 0 bytes: Syntax error'];
        yield 'cut off' => ['{"secret":', 'event: decode JSON of 10 bytes: Syntax error'];
        yield 'not UTF-8' => [
            "\"\xB1\"",
            'event: decode JSON of 3 bytes: Malformed UTF-8 characters,'
                . ' possibly incorrectly encoded',
        ];
        // PHP's parser reports a syntax error when its stack of 10000 symbols is full.
        yield 'too deep' => [
            str_repeat('[', 10001) . str_repeat(']', 10001),
            'event: decode JSON of 20002 bytes: Syntax error',
        ];
    }

    public function testAHandlerThatExpectsAnArrayFailsOnlyOnAScalarEvent(): void
    {
        $dispatcher = self::boot(static fn (array $event): int => \count($event));

        self::assertSame('TypeError', $dispatcher->serveEvent('7', self::INVOCATION)->type);
        self::assertSame('2', $dispatcher->serveEvent('[1,2]', self::INVOCATION));
    }

    public function testEachEventHasItsOwnContext(): void
    {
        $dispatcher = self::boot(static fn (array $e, Context $context) => $context->requestId);
        $dispatcher->serveEvent('{}', self::INVOCATION);

        $second = ['requestId' => 'second'] + self::INVOCATION;
        self::assertSame('"second"', $dispatcher->serveEvent('{}', $second));
    }
}
