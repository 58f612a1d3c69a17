<?php
// SPDX-License-Identifier: MIT
//
// The state inside a booted entry: the properties of the object that the entry file returned, or
// the variables of the closure. Applications keep values for later events there.

declare(strict_types=1);

namespace Phork\Audit\State;

use Closure;
use Generator;
use Phork\Audit\CallableName;
use Phork\Audit\ValueHash;
use ReflectionFunction;

final readonly class EntryState
{
    public function __construct(private ValueHash $hash)
    {
    }

    /** @return Generator<string, string> */
    public function holds(?object $dispatcher): Generator
    {
        foreach (self::entries($dispatcher) as $entry) {
            $name = $entry instanceof Closure
                ? CallableName::of($entry) . ' '
                : $entry::class . '::';
            foreach (self::variables($entry) as $variable => $value) {
                // The name of a private property begins with its class between two NUL bytes.
                $parts = explode("\0", (string) $variable);
                yield $name . '$' . end($parts) => $this->hash->of($value);
            }
        }
    }

    /**
     * The application's objects, found below those of phork.
     * @return Generator<object>
     */
    private static function entries(?object $holder): Generator
    {
        if ($holder === null) {
            return;
        }
        if (!str_starts_with($holder::class, 'Phork\\')) {
            yield self::object($holder);

            return;
        }
        foreach (get_mangled_object_vars($holder) as $value) {
            if (\is_object($value)) {
                yield from self::entries($value);
            }
        }
    }

    // The library holds an invokable object as the closure of its __invoke().
    private static function object(object $entry): object
    {
        if (!$entry instanceof Closure) {
            return $entry;
        }
        $function = new ReflectionFunction($entry);
        $isWritten = str_starts_with($function->getShortName(), '{closure');

        return $isWritten ? $entry : $function->getClosureThis() ?? $entry;
    }

    /** @return array<string, mixed> */
    private static function variables(object $entry): array
    {
        if (!$entry instanceof Closure) {
            return get_mangled_object_vars($entry);
        }
        $function = new ReflectionFunction($entry);

        return ['this' => $function->getClosureThis(), ...$function->getStaticVariables()];
    }
}
