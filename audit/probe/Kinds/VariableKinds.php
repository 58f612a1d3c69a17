<?php
// SPDX-License-Identifier: MIT
//
// Variables that outlive a call, objects that they hold, and memory.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Fiber;
use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Planted\Counter;
use SplObjectStorage;
use stdClass;
use WeakMap;

use function Phork\Audit\Planted\count_calls;

require_once __DIR__ . '/../Planted/functions.php';

final class VariableKinds implements Family
{
    private const PEAK_BYTES = 16 << 20;

    public function group(): Group
    {
        return Group::Php;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'global-variable',
            'a global variable',
            static fn () => $GLOBALS['phorkAudit'] ?? null,
            static fn () => $GLOBALS['phorkAudit'] = 'planted',
        );
        yield new Kind(
            'command-line-arguments',
            '$argv and $argc',
            static fn () => [$GLOBALS['argv'][0] ?? null, $GLOBALS['argc'] ?? null],
            static fn () => [$GLOBALS['argv'], $GLOBALS['argc']] = [['planted'], 1],
        );
        yield from $this->statics();
        yield from $this->keptObjects();
        yield from $this->suspended();
        yield from $this->memory();
    }

    private function statics(): Generator
    {
        yield new Kind(
            'function-static',
            'a static variable of a function',
            static fn () => count_calls(0),
            static fn () => count_calls(1),
        );
        yield new Kind(
            'method-static',
            'a static variable of a method',
            static fn () => Counter::inMethod(0),
            static fn () => Counter::inMethod(1),
        );
        $closure = static function (int $more): int {
            static $count = 0;

            return $count += $more;
        };
        yield new Kind(
            'closure-static',
            'a static variable of a closure made at boot',
            static fn () => $closure(0),
            static fn () => $closure(1),
        );
        yield new Kind(
            'class-static',
            'a static property',
            static fn () => Counter::$inClass,
            static fn () => ++Counter::$inClass,
        );
        $counter = new Counter();
        yield new Kind(
            'object-of-boot',
            'a property of an object made at boot',
            static fn () => $counter->inObject,
            static fn () => ++$counter->inObject,
        );
    }

    private function keptObjects(): Generator
    {
        yield new Kind(
            'object-storage',
            'an SplObjectStorage in a static property',
            static fn () => Kept::get('storage')?->count() ?? 0,
            static fn () => Kept::put('storage', new SplObjectStorage())->attach(new stdClass()),
        );
        yield new Kind(
            'weak-map',
            'a WeakMap in a static property, and its key',
            static fn () => Kept::get('weakMap')?->count() ?? 0,
            static function (): void {
                $key = Kept::put('weakMapKey', new stdClass());
                Kept::put('weakMap', new WeakMap())[$key] = 'planted';
            },
        );
    }

    private function suspended(): Generator
    {
        yield new Kind(
            'generator',
            'a generator in a static property, half way',
            static fn () => Kept::get('generator')?->current(),
            static fn () => Kept::put('generator', (static fn () => yield 'planted')())->current(),
        );
        yield new Kind(
            'fiber',
            'a suspended fiber in a static property',
            static fn () => Kept::get('fiber')?->isSuspended() ?? false,
            static fn () => Kept::put('fiber', new Fiber(Fiber::suspend(...)))->start(),
        );
    }

    private function memory(): Generator
    {
        yield new Kind(
            'garbage-collector',
            'the switch of the garbage collector',
            gc_enabled(...),
            static fn () => gc_enabled() ? gc_disable() : gc_enable(),
        );
        yield new Kind(
            'garbage',
            'an unreachable cycle of objects',
            static fn () => Kept::isHeld('garbage'),
            static function (): void {
                $object = Kept::watch('garbage', new stdClass());
                $object->self = $object;
            },
        );
        yield new Kind(
            'memory-peak',
            'a peak of memory usage far above current usage',
            static fn () => memory_get_peak_usage() - memory_get_usage() > self::PEAK_BYTES / 2,
            static fn () => str_repeat('.', self::PEAK_BYTES),
        );
    }
}
