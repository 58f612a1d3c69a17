<?php
// SPDX-License-Identifier: MIT
//
// Puts the source of an event into the parts of a result that came from it, before json_encode():
// objects in place of arrays that were objects, marked texts in place of numbers. Walks by the
// rules of json_encode(), and leaves to it all that it refuses.

declare(strict_types=1);

namespace Phork\Worker;

use JsonSerializable;
use ReflectionReference;
use stdClass;
use UnitEnum;

final class SourceInResult
{
    /** @var array<int|string, true> ids of the objects and references on the current path */
    private array $open = [];

    public function __construct(private readonly EventSource $source)
    {
    }

    public function put(mixed $result): mixed
    {
        return $this->walk($result, $this->source->root(), 0);
    }

    private function walk(mixed $value, mixed $place, int $depth): mixed
    {
        return match (true) {
            $depth > Json::MAX_DEPTH => $value,
            \is_array($value) => $this->array($value, $place, $depth),
            \is_float($value), $value === 0 => $this->source->number($value, $place) ?? $value,
            \is_object($value) => $this->object($value, $place, $depth),
            default => $value,
        };
    }

    /** @param array<mixed> $values */
    private function array(array $values, mixed $place, int $depth): mixed
    {
        if ($values === []) {
            return $this->source->isEmptyObject($values) ? new stdClass() : $values;
        }
        $isObject = array_is_list($values) && $this->source->isObject($values, $place);
        $put = $this->children($values, $place, $depth);

        return $isObject ? (object) $put : $put;
    }

    /**
     * Never writes to an element, which may be a reference to a variable of the application.
     * @param array<mixed> $values
     * @return array<mixed>
     */
    private function children(array $values, mixed $place, int $depth): array
    {
        $put = [];
        $isChanged = false;
        foreach ($values as $key => $value) {
            $put[$key] = \is_array($value)
                ? $this->element($values, $key, EventSource::below($place, $key), $depth + 1)
                : $this->walk($value, EventSource::below($place, $key), $depth + 1);
            $isChanged = $isChanged || $put[$key] !== $value;
        }

        return $isChanged ? $put : $values;
    }

    /** @param array<mixed> $values */
    private function element(array $values, int|string $key, mixed $place, int $depth): mixed
    {
        $id = ReflectionReference::fromArrayElement($values, $key)?->getId();

        return $id === null
            ? $this->walk($values[$key], $place, $depth)
            : $this->once($id, $values[$key], fn () => $this->walk($values[$key], $place, $depth));
    }

    private function object(object $object, mixed $place, int $depth): mixed
    {
        return $this->once(spl_object_id($object), $object, fn () => match (true) {
            $object instanceof UnitEnum => $object,
            $object instanceof JsonSerializable => $this->serializable($object, $place, $depth),
            default => $this->properties($object, $place, $depth),
        });
    }

    private function serializable(JsonSerializable $object, mixed $place, int $depth): mixed
    {
        $data = $object->jsonSerialize();

        // json_encode() must not ask again.
        return $data === $object
            ? (object) $this->children(self::publicOf($object), $place, $depth)
            : $this->walk($data, $place, $depth);
    }

    private function properties(object $object, mixed $place, int $depth): object
    {
        $properties = self::publicOf($object);
        $put = $this->children($properties, $place, $depth);

        return $put === $properties ? $object : (object) $put;
    }

    /** @return array<mixed> the elements of an ArrayObject, too, which are no properties */
    private static function publicOf(object $object): array
    {
        $isPublic = static fn (int|string $key): bool => !str_starts_with((string) $key, "\0");

        return array_filter((array) $object, $isPublic, ARRAY_FILTER_USE_KEY);
    }

    /** @param callable(): mixed $walk */
    private function once(int|string $id, mixed $value, callable $walk): mixed
    {
        if (isset($this->open[$id])) {
            return $value;
        }
        $this->open[$id] = true;
        $put = $walk();
        unset($this->open[$id]);

        return $put;
    }
}
