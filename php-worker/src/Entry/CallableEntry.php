<?php
// SPDX-License-Identifier: MIT
//
// Closures, invokable objects and anything else that can be called with (event, context). Every
// closure counts as a handler. The closure of a symfony/runtime front controller, which makes a
// kernel, does not get here: such a file is a script.

declare(strict_types=1);

namespace Phork\Entry;

use Closure;
use Phork\Context;
use Phork\Worker\UnusableEntry;
use ReflectionFunction;
use ReflectionNamedType;

final readonly class CallableEntry implements EventEntry
{
    private function __construct(private Closure $handler)
    {
    }

    public static function from(mixed $returned): ?static
    {
        return \is_callable($returned) ? new self(self::ofEvents($returned(...))) : null;
    }

    /**
     * The handler itself, or for one of a typed event a handler that makes the event first.
     * @throws UnusableEntry
     */
    public static function ofEvents(Closure $handler): Closure
    {
        $parameter = self::parameterOf($handler);
        if ($parameter?->fault !== null) {
            throw new UnusableEntry(Advice::onParameter($parameter->fault));
        }

        // The class for typed events is loaded for these alone.
        return $parameter?->class === null
            ? $handler
            : TypedEvent::handler($handler, $parameter->class);
    }

    /** Null for a first parameter that takes any event: `array`, `mixed`, no type. */
    public static function parameterOf(Closure $handler): ?EventParameter
    {
        $parameter = (new ReflectionFunction($handler))->getParameters()[0] ?? null;
        $type = $parameter?->getType();
        $isBuiltin = $type instanceof ReflectionNamedType && $type->isBuiltin();

        return $parameter === null || $type === null || $isBuiltin && !$parameter->isVariadic()
            ? null
            : EventParameter::of($parameter, $type);
    }

    public function handle(mixed $event, Context $context): mixed
    {
        return ($this->handler)($event, $context);
    }
}
