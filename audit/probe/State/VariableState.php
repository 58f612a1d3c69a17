<?php
// SPDX-License-Identifier: MIT
//
// Global variables, static properties and static variables of the application, by name. Statics
// with their initial value are left out: otherwise every class that an event is the first to load
// would add some. PHP evaluates the initial value of a static variable when we read it before the
// first call of its function, so a `new` in it runs earlier than it would otherwise.

declare(strict_types=1);

namespace Phork\Audit\State;

use Generator;
use Phork\Audit\ValueHash;
use ReflectionClass;
use ReflectionFunction;
use ReflectionFunctionAbstract;
use Throwable;

final readonly class VariableState
{
    // Made for each event. $_SESSION is not: it is absent at the start of an event.
    private const OF_THE_EVENT = [
        '_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', '_REQUEST', '_ENV', 'argv', 'argc',
    ];

    // PHP does not show the initial value of a static variable; nearly all have one of these.
    private const BEGINNINGS = [null, false, 0, '', []];

    public function __construct(private ValueHash $hash)
    {
    }

    /** @return Generator<string, string> */
    public function globals(): Generator
    {
        foreach (array_keys($GLOBALS) as $name) {
            if (!\in_array($name, self::OF_THE_EVENT, true)) {
                yield "\$$name" => $this->hash->of($GLOBALS[$name]);
            }
        }
    }

    /** @return Generator<string, string> */
    public function staticProperties(): Generator
    {
        foreach (self::classes() as $class) {
            try {
                $values = $class->getStaticProperties();
                $defaults = $class->getDefaultProperties();
            } catch (Throwable) {
                // A default refers to a class that is not loaded, so no code has used the class
                // yet.
                continue;
            }
            foreach ($values as $name => $value) {
                if ($class->getProperty($name)->class !== $class->name) {
                    continue;
                }
                $hash = $this->hash->of($value);
                if ($hash !== $this->hash->of($defaults[$name] ?? null)) {
                    yield "$class->name::\$$name" => $hash;
                }
            }
        }
    }

    /** @return Generator<string, string> */
    public function staticVariables(): Generator
    {
        foreach (get_defined_functions()['user'] as $name) {
            if (!str_starts_with($name, 'phork\\')) {
                yield from $this->staticsOf(new ReflectionFunction($name), "$name()");
            }
        }
        foreach (self::classes() as $class) {
            foreach ($class->getMethods() as $method) {
                if ($method->class === $class->name) {
                    yield from $this->staticsOf($method, "$class->name::$method->name()");
                }
            }
        }
    }

    /** @return Generator<string, string> */
    private function staticsOf(ReflectionFunctionAbstract $function, string $name): Generator
    {
        try {
            $values = $function->getStaticVariables();
        } catch (Throwable) {
            return;
        }
        foreach ($values as $variable => $value) {
            if (!\in_array($value, self::BEGINNINGS, true)) {
                yield "$name \$$variable" => $this->hash->of($value);
            }
        }
    }

    /**
     * Classes and traits of the application.
     * @return Generator<ReflectionClass>
     */
    private static function classes(): Generator
    {
        foreach ([...get_declared_classes(), ...get_declared_traits()] as $name) {
            $class = new ReflectionClass($name);
            // The name of an anonymous class has an address in it.
            if (!$class->isInternal() && !$class->isAnonymous()
                && !str_starts_with($name, 'Phork\\')) {
                yield $class;
            }
        }
    }
}
