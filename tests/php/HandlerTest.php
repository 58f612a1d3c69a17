<?php
// SPDX-License-Identifier: MIT
//
// Handlers that are classes, and handlers of typed events.

declare(strict_types=1);

namespace Phork\Tests;

use Countable;
use LogicException;
use Phork\Context;
use Phork\Event\Event;
use Phork\Event\SnsEvent;
use Phork\Event\SqsEvent;
use Phork\Testing\Samples;
use Phork\Tests\Fixtures\AbstractHandler;
use Phork\Tests\Fixtures\AnyHandler;
use Phork\Tests\Fixtures\HandlerOfWhatIsNoEvent;
use Phork\Tests\Fixtures\HandlerOfTwoEvents;
use Phork\Tests\Fixtures\InvokableByName;
use Phork\Tests\Fixtures\NeedsArguments;
use Phork\Tests\Fixtures\NoHandler;
use Phork\Tests\Fixtures\Order;
use Phork\Tests\Fixtures\SqsHandler;
use Phork\Worker\Failure;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\RequestHandlerInterface;
use Traversable;

final class HandlerTest extends LibraryTestCase
{
    /** @dataProvider handlers */
    public function testAHandlerOfATypedEventGetsIt(mixed $returned, string $answer): void
    {
        $event = json_encode(Samples::sqs('{}', '{}'));

        self::assertSame($answer, self::serve($returned, $event));
    }

    public static function handlers(): iterable
    {
        $failed = '{"batchItemFailures":[{"itemIdentifier":"m-1"}]}';
        yield 'closure' => [static fn (SqsEvent $event): int => \count($event), '2'];
        yield 'closure with a context' => [
            static fn (?SqsEvent $event, Context $context): string => $context->tenantId,
            '"blue"',
        ];
        yield 'name of a function' => ['Phork\Tests\Fixtures\ids', '"m-1 m-2"'];
        yield 'object with handle()' => [new SqsHandler(), $failed];
        yield 'name of its class' => [SqsHandler::class, $failed];
        yield 'invokable object' => [new InvokableByName(), '"m-1 m-2"'];
        yield 'name of its class, too' => [InvokableByName::class, '"m-1 m-2"'];
    }

    /** @dataProvider untypedHandlers */
    public function testAHandlerWithoutAnEventClassGetsTheArray(callable $handler): void
    {
        self::assertSame('{"a":1}', self::serve($handler, '{"a":1}'));
    }

    public static function untypedHandlers(): iterable
    {
        yield 'an array or something else' => [static fn (array|Countable $e): array => $e];
        yield 'built-in types' => [static fn (array|string|null $e): array => $e];
        yield 'by reference' => [static fn (array &$e): array => $e];
        yield 'without a type, by reference' => [static fn (&$e): array => $e];
        yield 'variadic' => [static fn (...$arguments): array => $arguments[0]];
        yield 'variadic, of any type' => [static fn (mixed ...$arguments): array => $arguments[0]];
        yield 'a method of __call()' => [[new class () {
            public function __call(string $name, array $arguments): array
            {
                return $arguments[0];
            }
        }, 'anything']];
    }

    public function testAFunctionOfTheFileGetsItsEvent(): void
    {
        $dispatcher = self::boot(1, 'Phork\Tests\Fixtures\ids');

        self::assertSame(
            '"m-1"',
            $dispatcher->serveEvent(json_encode(Samples::sqs('{}')), self::INVOCATION),
        );
    }

    public function testAHandlerGetsAnyEvent(): void
    {
        self::assertSame('[{"a":1},"blue"]', self::serve(new AnyHandler(), '{"a":1}'));
        self::assertSame('[null,"blue"]', self::serve(AnyHandler::class, 'null'));
    }

    public function testAnApplicationMayHaveEventsOfItsOwn(): void
    {
        $handler = static fn (Order $order): int => $order->number;

        self::assertSame('7', self::serve($handler, '{"number":7}'));
    }

    public function testAnEventThatIsReturnedIsWrittenAsItCame(): void
    {
        $json = '{"order":{"number":1,"tags":{}},"list":[],"big":18446744073709551616}';

        $answer = self::serve(
            static fn (\Phork\Event\StepFunctionsEvent $event): Event => $event,
            $json,
        );

        self::assertSame($json, $answer);
    }

    /** @dataProvider wrongEvents */
    public function testAnEventThatDoesNotFitIsRefused(string $event, string $message): void
    {
        $failure = self::serve(static fn (SqsEvent $event): int => 1, $event);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Runtime.InvalidEvent', $failure->type);
        self::assertSame("event: make Phork\Event\SqsEvent: $message", $failure->message);
    }

    public static function wrongEvents(): iterable
    {
        $record = ['messageId' => 'm-1', 'body' => ['secret']];
        $event = ['Records' => [$record + Samples::event('sqs')['Records'][0]]];
        yield 'of another type' => ['{}', 'Records: expected a list, got nothing'];
        yield 'a wrong field' => [
            json_encode($event),
            'Records[0].body: expected a string, got a list',
        ];
        yield 'no object' => ['"secret"', 'expected an object, got string'];
        yield 'null' => ['null', 'expected an object, got null'];
    }

    /** @dataProvider wrongEntries */
    public function testAnEntryThatIsNoHandlerIsRefusedWithAnExample(
        mixed $returned,
        string $start,
        string $got,
        int $lines = 4,
    ): void {
        $refusal = self::refusal($returned);

        self::assertSame('Runtime.UnusableEntry', $refusal->type);
        self::assertStringStartsWith($start, $refusal->message);
        self::assertStringContainsString($got, $refusal->message);
        self::assertCount($lines, explode("\n", $refusal->message));
    }

    public static function wrongEntries(): iterable
    {
        $parameter = 'entry: use the first parameter of the handler: expected array, no type, or a'
            . ' class of Phork\Event (CloudWatchLogsEvent, CognitoEvent, ';
        yield 'unknown event class' => [
            static fn (\Phork\Event\SqqEvent $event): int => 1,
            $parameter,
            'got Phork\Event\SqqEvent, which does not exist; for example',
        ];
        yield 'event class without a kind' => [
            static fn (\Phork\Event\RecordsEvent $event): int => 1,
            $parameter,
            'got Phork\Event\RecordsEvent, which is no event; for example',
        ];
        yield 'base of all events' => [
            static fn (Event $event): int => 1,
            $parameter,
            'got Phork\Event\Event, which is no event; for example',
        ];
        yield 'interface that is no event' => [
            static fn (Countable $event): int => 1,
            $parameter,
            'got Countable, which is no event; for example',
        ];
        yield 'one of two events' => [
            static fn (SqsEvent|SnsEvent|null $event): int => 1,
            $parameter,
            'got Phork\Event\SqsEvent|Phork\Event\SnsEvent|null, which is not one class; for',
        ];
        yield 'an event or an array' => [
            static fn (SqsEvent|array $event): int => 1,
            $parameter,
            'got Phork\Event\SqsEvent|array, which is not one class; for example',
        ];
        yield 'two interfaces' => [
            static fn (Countable&Traversable $event): int => 1,
            $parameter,
            'got Countable&Traversable, which is not one class; for example',
        ];
        yield 'variadic events' => [
            static fn (SqsEvent ...$events): int => 1,
            $parameter,
            'got Phork\Event\SqsEvent ..., which would get the context, too; for example',
        ];
        yield 'variadic arrays' => [
            static fn (array ...$events): int => 1,
            $parameter,
            'got array ..., which would get the context, too; for example',
        ];
        yield 'an event by reference' => [
            static fn (SqsEvent &$event): int => 1,
            $parameter,
            'got Phork\Event\SqsEvent by reference; for example',
        ];
        yield 'handle() of two events' => [
            new HandlerOfTwoEvents(),
            'entry: use handle() of Phork\Tests\Fixtures\HandlerOfTwoEvents: expected',
            'got Phork\Event\SqsEvent|Phork\Event\SnsEvent, which is not one class; for example',
        ];
        yield 'handle() of any array' => [
            new NoHandler(),
            'entry: use handle() of Phork\Tests\Fixtures\NoHandler: expected a class that'
            . ' implements Phork\Handler, or a first parameter with a class of Phork\Event',
            'got a parameter without an event class; for example',
        ];
        yield 'handle() of another class' => [
            new HandlerOfWhatIsNoEvent(),
            'entry: use handle() of Phork\Tests\Fixtures\HandlerOfWhatIsNoEvent: expected',
            'got Countable; for example',
        ];
        yield 'name of a class with arguments' => [
            NeedsArguments::class,
            'entry: make an object of Phork\Tests\Fixtures\NeedsArguments: ',
            'its constructor needs 2 arguments: return an object',
            1,
        ];
        yield 'name of an abstract class' => [
            AbstractHandler::class,
            'entry: make an object of Phork\Tests\Fixtures\AbstractHandler: ',
            'it cannot be instantiated',
            1,
        ];
    }

    /** @dataProvider kernels */
    public function testAHandlerThatMakesAKernelFails(object $kernel, string $class): void
    {
        $failure = self::serve(static fn (): object => $kernel);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('Runtime.InvalidResult', $failure->type);
        self::assertStringStartsWith(
            "result is $class, which serves requests: expected the file to return it, not a"
            . " function that makes it; for example\n",
            $failure->message,
        );
    }

    public static function kernels(): iterable
    {
        yield 'Symfony' => [
            require __DIR__ . '/../fixtures/handlers/kernel.php',
            'Symfony\Component\HttpKernel\KernelInterface@anonymous',
        ];
        yield 'PSR-15' => [
            new class () implements RequestHandlerInterface {
                public function handle(ServerRequestInterface $request): ResponseInterface
                {
                    throw new LogicException('never called');
                }
            },
            'Psr\Http\Server\RequestHandlerInterface@anonymous',
        ];
    }

    public function testAHandlerWithoutATypedEventLoadsNoClassForThem(): void
    {
        $code = sprintf('spl_autoload_register(static function (string $class): void {
            $file = %s . "/" . strtr(substr($class, 6), "\\\\", "/") . ".php";
            if (is_file($file)) { echo $class, " "; require $file; }
        });
        require %1$s . "/functions.php";
        $entry = (new Phork\Entry\EntryKinds())->find(fn (array $event) => 1, "");
        $entry->handle([], Phork\Context::fake());', var_export(self::source(), true));

        self::assertSame(
            'Phork\Entry\EntryKinds Phork\Entry\CallableEntry Phork\Entry\EventEntry'
            . ' Phork\Entry\Entry Phork\Context ',
            shell_exec(escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code) . ' 2>&1'),
        );
    }

    public function testWithoutAnAutoloaderAllEventsAreLoadedForATypedHandler(): void
    {
        $code = sprintf('require %s . "/load.php";
        $answer = Phork\Worker\Dispatcher::boot(
            fn (Phork\Event\SqsEvent $event) => count($event), "")->serveEvent(%s, %s);
        echo is_string($answer) ? $answer : $answer->message, " ",
            count(spl_autoload_functions());',
            var_export(self::source(), true),
            var_export(json_encode(Samples::sqs('{}')), true),
            var_export(self::INVOCATION, true),
        );

        self::assertSame(
            '1 0',
            shell_exec(escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code) . ' 2>&1'),
        );
    }

    private static function source(): string
    {
        return \dirname(__DIR__, 2) . '/php-worker/src';
    }
}
