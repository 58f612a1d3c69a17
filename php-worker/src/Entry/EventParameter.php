<?php
// SPDX-License-Identifier: MIT
//
// The first parameter of a handler, as it is declared: the class of event that it wants, or why no
// event can be passed to it.

declare(strict_types=1);

namespace Phork\Entry;

use Phork\Context;
use ReflectionIntersectionType;
use ReflectionNamedType;
use ReflectionParameter;
use ReflectionType;
use ReflectionUnionType;

final readonly class EventParameter
{
    /** Types of a variadic parameter to which the context can be passed, too. */
    private const OF_CONTEXT = ['mixed', 'object', Context::class];

    /**
     * @param ?string $class null for `array`, `mixed`, other built-in types and no type
     * @param ?string $fault the parameter's type and what is wrong with it
     */
    private function __construct(public ?string $class, public ?string $fault)
    {
    }

    public static function of(ReflectionParameter $parameter, ReflectionType $type): self
    {
        $class = $type instanceof ReflectionNamedType && !$type->isBuiltin()
            ? $type->getName()
            : null;

        return new self($class, self::fault($parameter, $type, $class !== null));
    }

    private static function fault(
        ReflectionParameter $parameter,
        ReflectionType $type,
        bool $isClass,
    ): ?string {
        return match (true) {
            $parameter->isVariadic() && array_intersect(self::OF_CONTEXT, self::names($type)) === []
                => "$type ..., which would get the context, too",
            // An array can be passed so, but not an object that is made for the call.
            $isClass && $parameter->isPassedByReference() => "$type by reference",
            !$isClass && self::isAmbiguous($type) => "$type, which is not one class",
            default => null,
        };
    }

    /** Of `array|Countable` the event is the array; of `array|SqsEvent` it could be either. */
    private static function isAmbiguous(ReflectionType $type): bool
    {
        $names = self::names($type);
        $classes = self::names($type, false);
        if ($classes === []) {
            return false;
        }

        return array_diff($names, $classes, ['null']) === []
            || array_filter($classes, TypedEvent::isEvent(...)) !== [];
    }

    /** @return list<string> of the types that a type is made of, or only of the classes */
    private static function names(ReflectionType $type, bool $withBuiltin = true): array
    {
        if ($type instanceof ReflectionUnionType || $type instanceof ReflectionIntersectionType) {
            return array_merge(...array_map(
                static fn (ReflectionType $part): array => self::names($part, $withBuiltin),
                $type->getTypes(),
            ));
        }

        return $type instanceof ReflectionNamedType && ($withBuiltin || !$type->isBuiltin())
            ? [$type->getName()]
            : [];
    }
}
