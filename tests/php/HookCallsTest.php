<?php
// SPDX-License-Identifier: MIT
//
// The object that calls the hooks of a script.

declare(strict_types=1);

namespace Phork\Tests;

use DomainException;
use Error;
use Phork\Context;
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

        self::assertNull($calls->runHooks('Phork\onSeal'));
        self::assertSame(['seal'], $ran);
        self::assertNull($calls->runHooks('Phork\onFork'));
        self::assertNull($calls->runHooks('Phork\onFork'));
        self::assertSame(['seal', 'fork', 'fork'], $ran);
    }

    public function testRunningNoHooksIsNoFailure(): void
    {
        $calls = new HookCalls(new Hooks());

        self::assertNull($calls->runHooks('Phork\onSeal'));
        self::assertNull($calls->runHooks('Phork\onFork'));
    }

    /** @runInSeparateProcess */
    public function testHooksAroundASnapshotAreCalledInTheOrderOfTheirRegistration(): void
    {
        $ran = [];
        $calls = HookCalls::ofApplication();
        self::assertFalse($calls->hasHooks('Phork\onRestore'));
        foreach (['first', 'second'] as $name) {
            \Phork\onRestore(static function () use (&$ran, $name): void {
                $ran[] = "restore $name";
            });
            \Phork\onSnapshot(static function () use (&$ran, $name): void {
                $ran[] = "snapshot $name";
            });
        }

        self::assertTrue($calls->hasHooks('Phork\onRestore'));
        self::assertNull($calls->runHooks('Phork\onSnapshot'));
        self::assertNull($calls->runHooks('Phork\onRestore'));
        $expected = ['snapshot first', 'snapshot second', 'restore first', 'restore second'];
        self::assertSame($expected, $ran);
    }

    /** @dataProvider kinds */
    public function testAHookThatThrowsIsAFailureAndStopsTheRun(string $on): void
    {
        $hooks = new Hooks();
        $throws = static fn () => throw new DomainException('no database', 7, new Error('down'));
        $hooks->add($on, $throws);
        $hooks->add($on, static fn () => self::fail('ran after a failure'));

        $failure = (new HookCalls($hooks))->runHooks($on);
        self::assertInstanceOf(Failure::class, $failure);
        self::assertSame('DomainException', $failure->type);
        self::assertStringStartsWith("a hook of $on (" . __FILE__, $failure->message);
        self::assertStringEndsWith('failed: no database', $failure->message);
    }

    /** @dataProvider kinds */
    public function testAHookThatFailedIsCalledAgainInTheNextRun(string $on): void
    {
        $times = 0;
        $hooks = new Hooks();
        $hooks->add($on, static function () use (&$times): void {
            if (++$times === 1) {
                throw new Error('once');
            }
        });
        $calls = new HookCalls($hooks);

        self::assertSame('Error', $calls->runHooks($on)?->type);
        self::assertNull($calls->runHooks($on));
    }

    public static function kinds(): iterable
    {
        $kinds = ['Boot', 'BeforeEvent', 'Fork', 'Seal', 'Snapshot', 'Restore', 'Shutdown'];
        foreach ($kinds as $kind) {
            yield $kind => ["Phork\\on$kind"];
        }
    }

    public function testHooksOfAnEventGetItsContext(): void
    {
        $ran = [];
        $hooks = new Hooks();
        foreach (['first', 'second'] as $name) {
            $hooks->add(
                'Phork\onBeforeEvent',
                static function (Context $context) use (&$ran, $name): void {
                    $ran[] = "before $name $context->tenantId";
                },
            );
            $hooks->add(
                'Phork\onAfterEvent',
                static function (Context $context, bool $failed) use (&$ran, $name): void {
                    $ran[] = "after $name $context->tenantId " . var_export($failed, true);
                },
            );
        }
        $calls = new HookCalls($hooks);

        self::assertNull($calls->runHooks('Phork\onBeforeEvent', self::INVOCATION));
        self::assertNull($calls->runAfterHooks(self::INVOCATION, true));
        self::assertSame([
            'before first blue',
            'before second blue',
            'after second blue true',
            'after first blue true',
        ], $ran);
    }

    public function testAllHooksAfterAnEventRunAndAllFailuresAreTold(): void
    {
        $ran = 0;
        $hooks = new Hooks();
        foreach (['first', 'second'] as $name) {
            $hooks->add('Phork\onAfterEvent', static fn () => throw new DomainException($name));
            $hooks->add('Phork\onAfterEvent', static function () use (&$ran): void {
                ++$ran;
            });
        }

        $failure = (new HookCalls($hooks))->runAfterHooks(self::INVOCATION, false);
        self::assertSame(2, $ran);
        self::assertSame('DomainException', $failure->type);
        self::assertMatchesRegularExpression(
            '/^a hook of .* failed: second; a hook of .* failed: first$/',
            $failure->message,
        );
    }

    /** @runInSeparateProcess */
    public function testEachFunctionRegistersHooksOfItsName(): void
    {
        foreach ([...self::kinds(), 'After' => ['Phork\onAfterEvent']] as [$on]) {
            self::assertFalse(HookCalls::ofApplication()->hasHooks($on));
            $on(strlen(...));
            self::assertTrue(HookCalls::ofApplication()->hasHooks($on));
        }
    }
}
