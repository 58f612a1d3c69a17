<?php
// SPDX-License-Identifier: MIT
//
// Finds the first value in a result that json_encode() refuses, for messages such as
// `result.items[3].price is NAN`. Runs only after json_encode() has failed, and walks by the rules
// of json_encode(). Each step returns null, or the end of the sentence, to which the caller
// prepends its own key.

declare(strict_types=1);

namespace Phork\Worker;

use BackedEnum;
use JsonSerializable;
use ReflectionReference;
use Throwable;
use UnitEnum;

final class InvalidValue
{
    private const MAX_PATH_BYTES = 400;

    /** @var array<int|string, true> ids of the objects and references on the current path */
    private array $open = [];

    public function describe(mixed $result, Throwable $error): string
    {
        $sentence = 'result' . ($this->walk($result, 0) ?? ": {$error->getMessage()}");
        if (\strlen($sentence) <= self::MAX_PATH_BYTES) {
            return $sentence;
        }
        $half = intdiv(self::MAX_PATH_BYTES, 2);

        return substr($sentence, 0, $half) . ' ... ' . substr($sentence, -$half);
    }

    private function walk(mixed $value, int $depth): ?string
    {
        return match (true) {
            \is_string($value) => Utf8::isValid($value) ? null : ' is not valid UTF-8',
            \is_float($value) => is_finite($value) ? null : " is $value",
            \is_array($value) => $this->children($value, $depth),
            \is_object($value) => $this->object($value, $depth),
            $value === null, \is_bool($value), \is_int($value) => null,
            default => ' is a ' . get_debug_type($value),
        };
    }

    /** @param array<mixed> $values */
    private function children(array $values, int $depth): ?string
    {
        if ($depth >= Json::MAX_DEPTH) {
            return ' is nested deeper than ' . Json::MAX_DEPTH . ' levels';
        }
        foreach ($values as $key => $value) {
            if (\is_string($key) && !Utf8::isValid($key)) {
                return ' has a key that is not valid UTF-8';
            }
            $reference = \is_array($value)
                ? ReflectionReference::fromArrayElement($values, $key)
                : null;
            $rest = $this->once($reference?->getId(), fn () => $this->walk($value, $depth + 1));
            if ($rest !== null) {
                return $this->segment($key, array_is_list($values)) . $rest;
            }
        }

        return null;
    }

    private function object(object $value, int $depth): ?string
    {
        return $this->once(spl_object_id($value), fn () => match (true) {
            $value instanceof JsonSerializable => $this->serializable($value, $depth),
            $value instanceof BackedEnum => null,
            $value instanceof UnitEnum => ' is a case of an enum without values: ' . $value::class,
            default => $this->children(get_object_vars($value), $depth),
        });
    }

    private function serializable(JsonSerializable $object, int $depth): ?string
    {
        try {
            $value = $object->jsonSerialize();
        } catch (Throwable $thrown) {
            [$name, $type] = [get_debug_type($object), get_debug_type($thrown)];

            return ": jsonSerialize() of $name threw $type: {$thrown->getMessage()}";
        }

        return $value === $object
            ? $this->children(get_object_vars($object), $depth)
            : $this->walk($value, $depth + 1);
    }

    // Walks unless the same object or reference is on the path already.
    private function once(int|string|null $id, callable $walk): ?string
    {
        if ($id === null) {
            return $walk();
        }
        if (isset($this->open[$id])) {
            return ' contains itself';
        }
        $this->open[$id] = true;
        $rest = $walk();
        unset($this->open[$id]);

        return $rest;
    }

    private function segment(int|string $key, bool $inList): string
    {
        return match (true) {
            $inList => "[$key]",
            preg_match('/^\w+$/D', (string) $key) === 1 => ".$key",
            default => '[' . json_encode($key, Json::RESULT_FLAGS) . ']',
        };
    }
}
