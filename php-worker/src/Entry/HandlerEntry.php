<?php
// SPDX-License-Identifier: MIT
//
// An object of a class that implements Phork\Handler, or whose method handle() takes an event
// class. The name of such a class will do, or of one with __invoke(), when its constructor needs
// nothing.

declare(strict_types=1);

namespace Phork\Entry;

use Closure;
use Phork\Context;
use Phork\Handler;
use Phork\Worker\UnusableEntry;
use ReflectionClass;

final readonly class HandlerEntry implements EventEntry
{
    private function __construct(private Closure $handler)
    {
    }

    public static function from(mixed $returned): ?static
    {
        $isName = \is_string($returned) && !\is_callable($returned) && class_exists($returned);
        $object = $isName ? self::make($returned) : $returned;
        if ($object instanceof Handler) {
            return new self($object->handle(...));
        }
        $handler = self::methodOf($object);
        $parameter = $handler === null ? null : CallableEntry::parameterOf($handler);
        $class = $parameter?->fault === null ? $parameter?->class : null;
        if ($handler !== null && $class !== null && TypedEvent::isEvent($class)) {
            return new self(TypedEvent::handler($handler, $class));
        }

        return $isName && \is_callable($object)
            ? new self(CallableEntry::ofEvents($object(...)))
            : null;
    }

    /** Null when the value has no method handle(), or one that cannot be called. */
    public static function methodOf(mixed $value): ?Closure
    {
        $method = [$value, 'handle'];

        return \is_object($value) && method_exists($value, 'handle') && \is_callable($method)
            ? $method(...)
            : null;
    }

    public function handle(mixed $event, Context $context): mixed
    {
        return ($this->handler)($event, $context);
    }

    /**
     * @param class-string $name
     * @throws UnusableEntry
     */
    private static function make(string $name): object
    {
        $class = new ReflectionClass($name);
        $needed = $class->getConstructor()?->getNumberOfRequiredParameters() ?? 0;
        $why = match (true) {
            $class->isInstantiable() && $needed === 0 => null,
            $needed > 0 => "its constructor needs $needed arguments: return an object",
            default => 'it cannot be instantiated',
        };
        if ($why !== null) {
            throw new UnusableEntry("entry: make an object of $name: $why");
        }

        return $class->newInstance();
    }
}
