<?php
// SPDX-License-Identifier: MIT
//
// A short hash that is equal in two processes for values that an application would call equal.
// Objects are hashed by class and properties, closures by the place of their definition and their
// variables; any recent time hashes as "time", and the process id as "process id". Counts and not
// time bound the walk, so that it always stops at the same place.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;
use Countable;
use DateTimeInterface;
use ReflectionFunction;
use ReflectionObject;
use ReflectionReference;
use stdClass;
use UnitEnum;

final class ValueHash
{
    private const MAX_DEPTH = 6;
    private const MAX_PER_VALUE = 2000;
    private const MAX_IN_ALL = 200_000;

    // A number this close to the current time counts as a time.
    private const A_DAY_S = 86400;

    private int $left = self::MAX_IN_ALL;
    private int $leftOfValue = 0;

    /** @var array<int, int> object id => position among the objects of the value */
    private array $seen = [];

    /** @var array<string, true> references on the current path: an array may contain itself */
    private array $under = [];

    public function of(mixed $value): string
    {
        $this->leftOfValue = min(self::MAX_PER_VALUE, $this->left);
        $before = $this->leftOfValue;
        $this->seen = [];
        $this->under = [];
        $text = $this->text($value, 0);
        $this->left -= $before - $this->leftOfValue;

        return hash('xxh64', $text);
    }

    private function text(mixed $value, int $depth): string
    {
        if (--$this->leftOfValue < 0 || $depth > self::MAX_DEPTH) {
            return '...';
        }

        return match (true) {
            \is_int($value), \is_float($value) => $this->number($value),
            \is_string($value) => is_numeric($value)
                ? "'" . $this->number($value + 0, $value) . "'"
                : \strlen($value) . ":'$value'",
            \is_array($value) => '[' . $this->entries($value, $depth) . ']',
            \is_object($value) => $this->object($value, $depth),
            \is_resource($value) => 'resource ' . get_resource_type($value),
            default => get_debug_type($value) . var_export($value, true),
        };
    }

    private function number(int|float $number, ?string $written = null): string
    {
        $now = microtime(true);
        foreach ([1, 1_000, 1_000_000, 1_000_000_000] as $unit) {
            if (abs($number / $unit - $now) < self::A_DAY_S) {
                return 'time';
            }
        }

        return match (true) {
            // The monotonic clock in nanoseconds; small numbers are not times.
            $number > 1e9 && abs($number - hrtime(true)) < 3600e9 => 'time',
            $number === getmypid() => 'process id',
            default => $written ?? var_export($number, true),
        };
    }

    private function entries(array $array, int $depth): string
    {
        $text = '';
        foreach (array_keys($array) as $key) {
            if ($this->leftOfValue <= 0) {
                return "$text...";
            }
            $reference = ReflectionReference::fromArrayElement($array, $key)?->getId();
            if ($reference !== null && isset($this->under[$reference])) {
                $text .= "$key=>itself,";
                continue;
            }
            if ($reference !== null) {
                $this->under[$reference] = true;
            }
            $text .= $key . '=>' . $this->text($array[$key], $depth + 1) . ',';
            unset($this->under[$reference ?? '']);
        }

        return $text;
    }

    private function object(object $object, int $depth): string
    {
        $number = spl_object_id($object);
        if (isset($this->seen[$number])) {
            return "object {$this->seen[$number]}";
        }
        $this->seen[$number] = \count($this->seen);

        return match (true) {
            $object instanceof UnitEnum => $object::class . "::$object->name",
            $object instanceof Closure => $this->closure($object, $depth),
            $object instanceof DateTimeInterface => $object::class,
            default => $object::class . $this->properties($object, $depth),
        };
    }

    private function closure(Closure $closure, int $depth): string
    {
        $function = new ReflectionFunction($closure);
        $bound = ['this' => $function->getClosureThis(), ...$function->getStaticVariables()];

        return CallableName::of($closure) . '{' . $this->entries($bound, $depth) . '}';
    }

    // PHP's own classes may compute properties or ask a server for them, so only their size counts.
    private function properties(object $object, int $depth): string
    {
        if (!$object instanceof stdClass && (new ReflectionObject($object))->isInternal()) {
            return $object instanceof Countable ? '(' . \count($object) . ')' : '';
        }

        return '{' . $this->entries(get_mangled_object_vars($object), $depth) . '}';
    }
}
