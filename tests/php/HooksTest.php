<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use LogicException;
use Phork\Entry\CallableEntry;
use Phork\Hooks;
use Phork\Worker\Dispatcher;

final class HooksTest extends LibraryTestCase
{
    public function testHooksRunInTheOrderOfTheirRegistration(): void
    {
        $ran = [];
        $hooks = new Hooks();
        foreach (['first', 'second'] as $name) {
            $hooks->add('Phork\onFork', static function () use (&$ran, $name): void {
                $ran[] = "fork $name";
            });
            $hooks->add('Phork\onSeal', static function () use (&$ran, $name): void {
                $ran[] = "seal $name";
            });
        }
        $dispatcher = $this->dispatcher($hooks);

        self::assertNull($dispatcher->runHooks('Phork\onSeal'));
        self::assertNull($dispatcher->runHooks('Phork\onFork'));
        self::assertSame(['seal first', 'seal second', 'fork first', 'fork second'], $ran);
    }

    public function testAHookThatThrowsIsAFailureAndStopsTheRun(): void
    {
        $hooks = new Hooks();
        $hooks->add('Phork\onFork', static fn () => throw new LogicException('no database'));
        $place = __FILE__ . ':' . (__LINE__ - 1);
        $hooks->add('Phork\onFork', static fn () => self::fail('ran after a failure'));

        $failure = $this->dispatcher($hooks)->runHooks('Phork\onFork');
        self::assertSame('LogicException', $failure->type);
        $expected = "a hook of Phork\\onFork ($place) failed: no database";
        self::assertSame($expected, $failure->message);
    }

    /** @runInSeparateProcess */
    public function testHooksOfAnApplicationReachTheDispatcher(): void
    {
        $dispatcher = self::bootHandler('hooks.php');
        $dispatcher->runHooks('Phork\onSeal');
        $dispatcher->runHooks('Phork\onFork');

        $ran = json_decode($dispatcher->serveEvent('{}', self::INVOCATION), true)['ran'];
        self::assertSame(['seal', 'fork'], array_column($ran, 0));
    }

    private function dispatcher(Hooks $hooks): Dispatcher
    {
        return new Dispatcher(CallableEntry::from(static fn (): int => 1), $hooks);
    }
}
