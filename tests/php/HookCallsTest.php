<?php
// SPDX-License-Identifier: MIT
//
// The object that boot.php makes for a script: it only calls hooks.

declare(strict_types=1);

namespace Phork\Tests;

use Closure;
use DomainException;
use Error;
use Phork\Hooks;
use Phork\Worker\Dispatcher;
use Phork\Worker\Failure;
use Phork\Worker\HookCalls;

final class HookCallsTest extends LibraryTestCase
{
    private const BOOT = __DIR__ . '/../../php-worker/src/boot.php';
    private const PROBE = __DIR__ . '/../../audit/probe';

    public function testAScriptGetsAnObjectThatCallsHooksAndServesNothing(): void
    {
        $made = self::start()(null, '', true);

        self::assertSame(HookCalls::class, $made::class);
        self::assertFalse(method_exists($made, 'serves'));
        self::assertFalse(method_exists($made, 'serveHttp'));
    }

    public function testTheReturnValueOfAScriptIsIgnored(): void
    {
        foreach ([null, 1, 'no such function', static fn (): int => 1] as $returned) {
            self::assertSame(HookCalls::class, self::start()($returned, 'greet', true)::class);
        }
    }

    public function testAnEntryIsAHandlerByDefault(): void
    {
        $handler = static fn (): int => 1;

        self::assertInstanceOf(Dispatcher::class, self::start()($handler, ''));
        self::assertInstanceOf(Dispatcher::class, self::start()($handler, '', false));
        self::assertInstanceOf(Failure::class, self::start()(null, '', false));
    }

    /** @runInSeparateProcess */
    public function testHooksOfAPrebootFileAreCalled(): void
    {
        $ran = [];
        $calls = self::start()(null, '', true);
        \Phork\onSeal(static function () use (&$ran): void {
            $ran[] = 'seal';
        });
        \Phork\onFork(static function () use (&$ran): void {
            $ran[] = 'fork';
        });

        self::assertNull($calls->runSealHooks());
        self::assertSame(['seal'], $ran);
        self::assertNull($calls->runForkHooks());
        self::assertNull($calls->runForkHooks());
        self::assertSame(['seal', 'fork', 'fork'], $ran);
    }

    public function testRunningNoHooksIsNoFailure(): void
    {
        $calls = new HookCalls(new Hooks());

        self::assertNull($calls->runSealHooks());
        self::assertNull($calls->runForkHooks());
    }

    /** @dataProvider kinds */
    public function testAHookThatThrowsIsAFailureAndStopsTheRun(string $on, string $run): void
    {
        $hooks = new Hooks();
        $hooks->$on(static fn () => throw new DomainException('no database', 7, new Error('down')));
        $hooks->$on(static fn () => self::fail('ran after a failure'));

        $failure = (new HookCalls($hooks))->$run();
        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('DomainException', $failure->type);
        self::assertStringContainsString('no database', $failure->message);
    }

    /** @dataProvider kinds */
    public function testAHookThatFailedIsCalledAgainInTheNextRun(string $on, string $run): void
    {
        $times = 0;
        $hooks = new Hooks();
        $hooks->$on(static function () use (&$times): void {
            if (++$times === 1) {
                throw new Error('once');
            }
        });
        $calls = new HookCalls($hooks);

        self::assertSame('Error', $calls->$run()?->type);
        self::assertNull($calls->$run());
    }

    public static function kinds(): iterable
    {
        yield 'fork' => ['onFork', 'runForkHooks'];
        yield 'seal' => ['onSeal', 'runSealHooks'];
    }

    /** @runInSeparateProcess */
    public function testOnlyTheCodeOfTheAuditorRecordsState(): void
    {
        $file = tempnam(sys_get_temp_dir(), 'phork-record-');
        try {
            $calls = new HookCalls(new Hooks());
            putenv('PHORK_AUDIT_PROBE');
            $calls->recordState($file);
            self::assertSame('', file_get_contents($file));

            putenv('PHORK_AUDIT_PROBE=' . self::PROBE);
            $calls->recordState($file);
            self::assertStringStartsWith('{"boot":{"id":"', file_get_contents($file));
        } finally {
            unlink($file);
        }
    }

    private static function start(): Closure
    {
        return require self::BOOT;
    }
}
