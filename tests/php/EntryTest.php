<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use stdClass;

final class EntryTest extends LibraryTestCase
{
    /** @dataProvider callables */
    public function testACallableServesEvents(mixed $returned): void
    {
        $dispatcher = self::boot($returned);

        self::assertSame('event', $dispatcher->serves());
        self::assertSame('"HI"', $dispatcher->serveEvent('{"text":"hi"}', self::INVOCATION));
    }

    public static function callables(): iterable
    {
        $object = new class () {
            public function __invoke(array $event): string
            {
                return strtoupper($event['text']);
            }

            public static function shout(array $event): string
            {
                return strtoupper($event['text']);
            }
        };
        yield 'closure' => [static fn (array $event): string => strtoupper($event['text'])];
        yield 'invokable object' => [$object];
        yield 'method of an object' => [[$object, '__invoke']];
        yield 'static method' => [[$object::class, 'shout']];
        yield 'name of a function' => ['Phork\Tests\Fixtures\shout'];
    }

    public function testAFunctionOfTheFileServesEventsWhateverTheFileReturned(): void
    {
        $dispatcher = self::boot(1, 'Phork\Tests\Fixtures\shout');

        self::assertSame('event', $dispatcher->serves());
        self::assertSame('"HI"', $dispatcher->serveEvent('{"text":"hi"}', self::INVOCATION));
    }

    /** @dataProvider undeclared */
    public function testAFunctionThatTheFileDoesNotDeclareIsRefused(
        string $handler,
        mixed $returned,
        string $advice,
    ): void {
        $variables = ['_HANDLER' => $handler, 'LAMBDA_TASK_ROOT' => __DIR__];
        foreach ($variables as $name => $value) {
            putenv("$name=$value");
        }
        $refusal = self::refusal($returned, 'absent');
        array_map(putenv(...), array_keys($variables));

        self::assertSame('Runtime.UnusableEntry', $refusal->type);
        self::assertSame(
            "entry: find function 'absent': the file ran and declares no such function$advice",
            $refusal->message,
        );
    }

    public static function undeclared(): iterable
    {
        yield 'a closure' => [
            'index.absent',
            static fn (): int => 1,
            '; it returns a closure: set the handler to index.php',
        ];
        yield 'an object' => [
            'index.absent',
            new stdClass(),
            '; it returns stdClass: set the handler to index.php',
        ];
        yield 'a closure, without the handler' => [
            '',
            static fn (): int => 1,
            "; it returns a closure: set the handler to the file alone, without '.absent'",
        ];
        yield 'a file with other functions' => [
            'fixtures/functions.absent',
            1,
            ', but Phork\Tests\Fixtures\shout',
        ];
        yield 'a file with nothing' => [
            'EntryTest.absent',
            1,
            "; for example\n"
                . "  function absent(array \$event, Phork\Context \$context): array {\n"
                . "      return ['hello' => \$event['name'] ?? 'world'];\n"
                . '  }',
        ];
    }

    public function testAKernelServesHttp(): void
    {
        self::assertSame('http', self::bootHandler('kernel.php')->serves());
    }

    /** @dataProvider unusable */
    public function testAnUnusableValueIsRefusedWithItsType(mixed $returned, string $got): void
    {
        $refusal = self::refusal($returned);

        self::assertSame('Runtime.UnusableEntry', $refusal->type);
        self::assertSame(
            'entry: use the value that the file returned: expected a Laravel application or HTTP'
            . ' kernel, a Symfony HttpKernelInterface, a PSR-15 RequestHandlerInterface, a'
            . " Phork\Handler or a callable, got $got; for example\n"
            . "  return function (array \$event, Phork\Context \$context): array {\n"
            . "      return ['hello' => \$event['name'] ?? 'world'];\n"
            . '  };',
            $refusal->message,
        );
    }

    public static function unusable(): iterable
    {
        yield 'no return' => [1, 'nothing'];
        yield 'require_once of a known file' => [true, 'nothing'];
        yield 'null' => [null, 'nothing'];
        yield 'int' => [7, 'int'];
        yield 'string' => ['no_such_function', 'a string that names no function or class'];
        yield 'array' => [[1, 2], 'array'];
        yield 'object' => [new stdClass(), 'stdClass'];
        yield 'name of a class' => [
            stdClass::class,
            'the name of the class stdClass, which is no handler',
        ];
        yield 'instance of an anonymous class' => [new class () {
        }, 'class@anonymous'];
    }

    public function testAFileThatReturnsNothingIsRefused(): void
    {
        $refusal = self::refusal(require __DIR__ . '/../fixtures/handlers/returns_nothing.php');

        self::assertSame('Runtime.UnusableEntry', $refusal->type);
    }
}
