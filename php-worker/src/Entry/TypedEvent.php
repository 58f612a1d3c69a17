<?php
// SPDX-License-Identifier: MIT
//
// A handler whose first parameter has the type of an event class: it gets an object that is made of
// the event. All that can be found out before there is an event happens here at boot.

declare(strict_types=1);

namespace Phork\Entry;

use Closure;
use Phork\Context;
use Phork\Event\Event;
use Phork\Event\InvalidField;
use Phork\Worker\InvalidEvent;
use Phork\Worker\UnusableEntry;
use ReflectionClass;

final class TypedEvent
{
    /** @phpstan-assert-if-true class-string<Event> $class */
    public static function isEvent(string $class): bool
    {
        // Under php-fpm nothing loads our classes unless the application has them from Composer.
        class_exists(Event::class) || require __DIR__ . '/../Event/load.php';

        return is_subclass_of($class, Event::class) && !(new ReflectionClass($class))->isAbstract();
    }

    /**
     * Takes what EventEntry::handle() takes.
     * @throws UnusableEntry
     */
    public static function handler(Closure $handler, string $class): Closure
    {
        if (!self::isEvent($class)) {
            throw new UnusableEntry(Advice::onClass($class));
        }
        // The zygote loads them once, and not each of its children.
        foreach ($class::PARTS as $part) {
            class_exists($part);
        }

        return static fn (mixed $event, Context $context): mixed => $handler(
            self::made($class, $event),
            $context,
        );
    }

    /**
     * @param class-string<Event> $class
     * @throws InvalidEvent
     */
    private static function made(string $class, mixed $event): Event
    {
        if (!\is_array($event)) {
            $got = get_debug_type($event);
            throw new InvalidEvent("event: make $class: expected an object, got $got");
        }
        try {
            return $class::fromArray($event);
        } catch (InvalidField $invalid) {
            $message = "event: make $class: {$invalid->getMessage()}";
            throw new InvalidEvent($message, 0, $invalid);
        }
    }
}
