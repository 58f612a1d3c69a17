<?php
// SPDX-License-Identifier: MIT
//
// The object that calls the hooks of a script.

declare(strict_types=1);

namespace Phork\Tests;

use DomainException;
use Error;
use Phork\Hooks;
use Phork\Worker\Failure;
use Phork\Worker\HookCalls;

final class HookCallsTest extends LibraryTestCase
{
    public function testTheObjectOfAScriptServesNothing(): void
    {
        $made = HookCalls::ofApplication();

        self::assertSame(HookCalls::class, $made::class);
        self::assertFalse(method_exists($made, 'serves'));
        self::assertFalse(method_exists($made, 'serveHttp'));
    }

    /** @runInSeparateProcess */
    public function testHooksOfAPrebootFileAreCalled(): void
    {
        $ran = [];
        $calls = HookCalls::ofApplication();
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

    /** @runInSeparateProcess */
    public function testHooksAroundASnapshotAreCalledInTheOrderOfTheirRegistration(): void
    {
        $ran = [];
        $calls = HookCalls::ofApplication();
        self::assertFalse($calls->hasRestoreHooks());
        foreach (['first', 'second'] as $name) {
            \Phork\onRestore(static function () use (&$ran, $name): void {
                $ran[] = "restore $name";
            });
            \Phork\onSnapshot(static function () use (&$ran, $name): void {
                $ran[] = "snapshot $name";
            });
        }

        self::assertTrue($calls->hasRestoreHooks());
        self::assertNull($calls->runSnapshotHooks());
        self::assertNull($calls->runRestoreHooks());
        $expected = ['snapshot first', 'snapshot second', 'restore first', 'restore second'];
        self::assertSame($expected, $ran);
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
        yield 'snapshot' => ['onSnapshot', 'runSnapshotHooks'];
        yield 'restore' => ['onRestore', 'runRestoreHooks'];
    }
}
