<?php
// SPDX-License-Identifier: MIT
//
// Handlers that were written for Bref, with stand-ins for Bref's classes.

declare(strict_types=1);

namespace Phork\Tests;

use Bref\Bref;
use Bref\Context\Context;
use Bref\Event\Handler;
use Bref\Listener\BrefEventSubscriber;
use Nyholm\Psr7\Factory\Psr17Factory;
use Phork\Bridge\Bref\BrefEntry;
use Phork\Testing\HandlerRun;
use Phork\Tests\Fixtures\Response;
use Phork\Tests\Fixtures\Stream;
use Phork\Worker\Failure;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Server\RequestHandlerInterface;
use RuntimeException;
use Throwable;

final class BrefTest extends LibraryTestCase
{
    private const VARIABLES = ['LAMBDA_REQUEST_ID', 'LAMBDA_INVOCATION_CONTEXT'];
    private const LIBRARY = __DIR__ . '/../../php-worker/src';

    public static function setUpBeforeClass(): void
    {
        require_once __DIR__ . '/../fixtures/bref/bref.php';
        require_once self::LIBRARY . '/Bridge/Bref/BrefEntry.php';
    }

    protected function tearDown(): void
    {
        Bref::reset();
        foreach ([...self::VARIABLES, 'BREF_BINARY_RESPONSES'] as $name) {
            putenv($name);
            unset($_SERVER[$name], $_ENV[$name]);
        }
    }

    public function testAHandlerOfBrefGetsTheEventAndBrefsContext(): void
    {
        $handler = new class () implements Handler {
            public function handle(mixed $event, Context $context): array
            {
                return [$event, $context];
            }
        };

        self::assertSame(
            '[{"a":{}},{"awsRequestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd",'
                . '"deadlineMs":4102444800000,'
                . '"invokedFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:orders:7",'
                . '"traceId":"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"}]',
            self::serve($handler, '{"a":{}}'),
        );
    }

    /** @dataProvider callables */
    public function testACallableWithBrefsContextGetsIt(callable $handler): void
    {
        self::assertSame('"8476a536-e9f4-11e8-9739-2dfe598c3fcd"', self::serve($handler));
    }

    public static function callables(): iterable
    {
        // Made by a function: a class of Bref must not be asked for before the tests begin.
        yield 'closure' => [static fn ($event, Context $context) => $context->getAwsRequestId()];
        yield 'invokable object' => [new class () {
            public function __invoke(array $event, Context $context): string
            {
                return $context->getAwsRequestId();
            }
        }];
    }

    public function testAnEntryOfTheBridgeIsTakenAsItIs(): void
    {
        $untyped = static fn ($event, $context) => $context::class;

        self::assertSame('"Phork\\\\Context"', self::serve($untyped));
        self::assertSame('"Bref\\\\Context\\\\Context"', self::serve(BrefEntry::from($untyped)));
    }

    public function testThePsr15HandlerGoesThroughBrefsOwnAdapter(): void
    {
        $made = Psr17Factory::$made;
        $entry = BrefEntry::from($this->psr15());
        $event = '{"httpMethod":"GET","path":"/"}';

        self::assertSame(
            '{"isBase64Encoded":false,"body":"/ 8476a536-e9f4-11e8-9739-2dfe598c3fcd"}',
            self::serve($entry, $event),
        );
        putenv('BREF_BINARY_RESPONSES=1');
        self::assertStringStartsWith('{"isBase64Encoded":true,', self::serve($entry, $event));
        self::assertSame('["Lambda is warm"]', self::serve($entry, '{"warmer":true}'));
        self::assertSame($made, Psr17Factory::$made);
    }

    public function testWithoutBrefsRuntimeAPsr15HandlerServesHttp(): void
    {
        self::assertSame('http', self::boot($this->psr15())->serves());
    }

    public function testAHandlerOfBrefRunsInTestsWithoutTheRuntime(): void
    {
        $run = HandlerRun::of(static fn ($event, Context $context): array
            => [$event['a'], $context->getAwsRequestId()]);

        self::assertSame([7, '00000000-0000-4000-8000-000000000000'], $run->invoke(['a' => 7]));
    }

    public function testAValueThatBrefDoesNotKnowIsNone(): void
    {
        self::assertNull(BrefEntry::from(['no', 'callable']));
    }

    public function testTheVariablesOfAnEventAreSet(): void
    {
        $told = self::serve(static fn ($event, Context $context): array => array_map(
            static fn (string $name): array => [getenv($name), $_SERVER[$name], $_ENV[$name]],
            self::VARIABLES,
        ));

        [$ids, $contexts] = json_decode($told, true);
        self::assertSame(['8476a536-e9f4-11e8-9739-2dfe598c3fcd'], array_unique($ids));
        self::assertCount(1, array_unique($contexts));
        self::assertSame(4102444800000, json_decode($contexts[0])->deadlineMs);
    }

    public function testSubscribersHearOfTheEventAndItsResult(): void
    {
        $heard = $this->subscribe();
        $handler = static fn (array $event, Context $context): int => $event['a'] + 1;

        self::assertSame('8', self::serve($handler, '{"a":7}'));
        self::assertSame([
            ['beforeInvoke', $handler, ['a' => 7]],
            ['afterInvoke', $handler, ['a' => 7], 8, null],
        ], $heard->calls);
    }

    public function testSubscribersHearOfAFailure(): void
    {
        $heard = $this->subscribe();
        $thrown = new RuntimeException('on purpose');
        $handler = static fn ($event, Context $context) => throw $thrown;

        $failure = self::serve($handler);

        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('on purpose', $failure->message);
        self::assertSame(['afterInvoke', $handler, [], null, $thrown], $heard->calls[1]);
    }

    public function testASubscriberThatThrowsBeforeTheEventFailsItAndIsToldSo(): void
    {
        $heard = $this->subscribe();
        $heard->throwIn = 'beforeInvoke';

        $failure = self::serve(static fn ($event, Context $context): int => 1);

        self::assertSame('of a subscriber', $failure->message);
        self::assertSame('afterInvoke', $heard->calls[1][0]);
        self::assertSame('of a subscriber', $heard->calls[1][4]->getMessage());
    }

    public function testASubscriberThatThrowsAfterTheEventChangesNoAnswer(): void
    {
        $heard = $this->subscribe();
        $heard->throwIn = 'afterInvoke';
        $log = tempnam(sys_get_temp_dir(), 'phork-bref-');
        $before = ini_set('error_log', $log);

        $answer = self::serve(static fn ($event, Context $context): int => 1);
        ini_set('error_log', (string) $before);
        $logged = (string) file_get_contents($log);
        unlink($log);

        self::assertSame('1', $answer);
        self::assertStringContainsString(
            'a subscriber of Bref failed in afterInvoke(): RuntimeException: of a subscriber in ',
            $logged,
        );
    }

    /** @dataProvider without */
    public function testWithoutBref(string $entry, string $expected, string $classes = ''): void
    {
        // An autoloader shows what is asked for, unless there are classes of Bref.
        $code = sprintf(
            '%s require %s; %s
            $boot = Phork\Worker\Dispatcher::boot(%s, "");
            echo $boot::class, " ", $boot->message ?? "";',
            $classes === '' ? '' : "eval('$classes');",
            var_export(self::LIBRARY . '/load.php', true),
            $classes !== '' ? ''
                : 'spl_autoload_register(fn ($class) => print("asked for $class\n"));',
            $entry,
        );
        $printed = (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg($code));

        self::assertSame($expected, $printed);
    }

    public static function without(): iterable
    {
        yield 'no class of Bref is asked for' => [
            'fn (array $event, Phork\Context $context) => 1',
            'Phork\Worker\Dispatcher ',
        ];
        yield 'a handler that needs it is refused' => [
            'fn ($event, Bref\Context\Context $context) => 1',
            "asked for Phork\\Bridge\\Bref\\BrefEntry\n"
                . "asked for Phork\\Bridge\\Bref\\Installed\nasked for Bref\\Bref\n"
                . "asked for Composer\\InstalledVersions\n"
                . self::refusedBecauseOf('no class Bref\Bref'),
        ];
        yield 'Bref without its main class' => [
            'fn ($event, Bref\Context\Context $context) => 1',
            self::refusedBecauseOf('no class Bref\Bref'),
            'namespace Bref\Context; class Context {}',
        ];
        yield 'Bref without its context' => [
            'fn ($event, Bref\Context\Context $context) => 1',
            self::refusedBecauseOf('no class Bref\Context\Context'),
            'namespace Bref; class Bref {}',
        ];
        yield 'a release of Bref that is too old' => [
            'fn ($event, Bref\Context\Context $context) => 1',
            self::refusedBecauseOf('a Bref\Bref without events() in 2.0.3'),
            'namespace Bref { class Bref {} } namespace Bref\Context { class Context {} }'
                . ' namespace Composer { class InstalledVersions {'
                . ' static function isInstalled($name) { return $name === "bref/bref"; }'
                . ' static function getPrettyVersion($name) { return "2.0.3"; } } }',
        ];
    }

    private static function refusedBecauseOf(string $got): string
    {
        return 'Phork\Worker\Failure entry: serve a handler for Bref: expected bref/bref 2.1.10 or'
            . " later, got $got; for example\n  composer require bref/bref\n  <?php\n"
            . "  require __DIR__ . '/vendor/autoload.php';";
    }

    private function psr15(): RequestHandlerInterface
    {
        return new class () implements RequestHandlerInterface {
            public function handle(ServerRequestInterface $request): ResponseInterface
            {
                $event = $request->attributes['lambda-event'];
                $body = fopen('php://memory', 'w+b');
                fwrite($body, "{$event['path']} "
                    . $request->attributes['lambda-context']->getAwsRequestId());
                rewind($body);

                return (new Response(200))->withBody(new Stream($body));
            }
        };
    }

    private function subscribe(): BrefEventSubscriber
    {
        $subscriber = new class () extends BrefEventSubscriber {
            public array $calls = [];
            public string $throwIn = '';

            public function beforeInvoke(mixed $handler, mixed $event, Context $context): void
            {
                $this->note('beforeInvoke', $handler, $event);
            }

            public function afterInvoke(
                mixed $handler,
                mixed $event,
                Context $context,
                mixed $result,
                ?Throwable $error = null,
            ): void {
                $this->note('afterInvoke', $handler, $event, $result, $error);
            }

            private function note(string $hook, mixed ...$arguments): void
            {
                $this->calls[] = [$hook, ...$arguments];
                if ($hook === $this->throwIn) {
                    throw new RuntimeException('of a subscriber');
                }
            }
        };
        Bref::events()->subscribe($subscriber);

        return $subscriber;
    }
}
