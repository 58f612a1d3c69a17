<?php
// SPDX-License-Identifier: MIT
//
// The fields of a JSON object in an event. Each method reads one field of one type, or throws an
// InvalidField that has the field's path from the top of the event. An optional field may be absent
// or null.
//
// PHP decodes {"0": "a"} as it decodes ["a"]. The methods for an object with known names (object(),
// objects()) refuse a list. Those for a map, whose names a user chose (map(), maps(), ...ByKey()),
// take it: it may be such an object. PHP has an integer for a key of digits; keys() has strings.

declare(strict_types=1);

namespace Phork\Event;

use JsonException;

final readonly class Fields
{
    private const JSON = 'JSON of an object or list';
    private const MAX_KEY_BYTES = 64;

    /** @param array<mixed> $values */
    private function __construct(private array $values, private string $path)
    {
    }

    /**
     * @param array<mixed> $values
     * @param string $path of the object, which the messages begin with
     */
    public static function of(array $values, string $path = ''): self
    {
        return new self($values, $path);
    }

    /** @return array<mixed> */
    public function toArray(): array
    {
        return $this->values;
    }

    /** @return list<string> names of all fields, as the JSON has them */
    public function keys(): array
    {
        return array_map(strval(...), array_keys($this->values));
    }

    /** False when the field is null, too. */
    public function has(string $key): bool
    {
        return isset($this->values[$key]);
    }

    public function string(string $key): string
    {
        return $this->optionalString($key) ?? throw $this->invalid($key, 'a string');
    }

    public function optionalString(string $key): ?string
    {
        $value = $this->values[$key] ?? null;

        return $value === null || \is_string($value)
            ? $value
            : throw $this->invalid($key, 'a string');
    }

    public function int(string $key): int
    {
        return $this->optionalInt($key) ?? throw $this->invalid($key, 'an integer');
    }

    public function optionalInt(string $key): ?int
    {
        $value = $this->values[$key] ?? null;

        return $value === null || \is_int($value)
            ? $value
            : throw $this->invalid($key, 'an integer');
    }

    /** An integer that AWS writes as a string, such as `"1545082649183"`. */
    public function intInString(string $key): int
    {
        $value = filter_var($this->string($key), FILTER_VALIDATE_INT);

        return $value === false
            ? throw new InvalidField($this->at($key), 'an integer in a string', 'another string')
            : $value;
    }

    public function number(string $key): float
    {
        $value = $this->values[$key] ?? null;

        return \is_int($value) || \is_float($value)
            ? (float) $value
            : throw $this->invalid($key, 'a number');
    }

    public function bool(string $key): bool
    {
        return $this->optionalBool($key) ?? throw $this->invalid($key, 'true or false');
    }

    public function optionalBool(string $key): ?bool
    {
        $value = $this->values[$key] ?? null;

        return $value === null || \is_bool($value)
            ? $value
            : throw $this->invalid($key, 'true or false');
    }

    /** An object with known names. */
    public function object(string $key): self
    {
        return $this->optionalObject($key) ?? throw $this->invalid($key, 'an object');
    }

    public function optionalObject(string $key): ?self
    {
        $value = $this->values[$key] ?? null;

        return $value === null || self::isObject($value)
            ? $this->optionalMap($key)
            : throw $this->invalid($key, 'an object');
    }

    /** An object with any names, `0` among them. */
    public function map(string $key): self
    {
        return $this->optionalMap($key) ?? throw $this->invalid($key, 'an object');
    }

    public function optionalMap(string $key): ?self
    {
        $value = $this->values[$key] ?? null;

        return match (true) {
            $value === null => null,
            \is_array($value) => new self($value, $this->at($key)),
            default => throw $this->invalid($key, 'an object'),
        };
    }

    /** @return array<array-key, self> the objects in a map; none when it is absent */
    public function objectsByKey(string $key): array
    {
        $map = $this->optionalMap($key) ?? new self([], '');
        $objects = [];
        foreach ($map->keys() as $name) {
            $objects[$name] = $map->object($name);
        }

        return $objects;
    }

    /** @return list<self> the objects in a list */
    public function objects(string $key): array
    {
        $objects = $this->maps($key);
        foreach ($objects as $object) {
            if (!self::isObject($object->values)) {
                throw $this->wrong($object->path, 'an object', $object->values);
            }
        }

        return $objects;
    }

    /** @return list<self> the maps in a list */
    public function maps(string $key): array
    {
        $maps = [];
        foreach ($this->list($key) as $index => $value) {
            $maps[] = \is_array($value)
                ? new self($value, "{$this->at($key)}[$index]")
                : throw $this->wrong("{$this->at($key)}[$index]", 'an object', $value);
        }

        return $maps;
    }

    /** @return list<mixed> */
    public function list(string $key): array
    {
        $value = $this->values[$key] ?? null;

        return \is_array($value) && array_is_list($value)
            ? $value
            : throw $this->invalid($key, 'a list');
    }

    /** @return list<string> empty when the list is absent */
    public function strings(string $key): array
    {
        $strings = [];
        foreach ($this->has($key) ? $this->list($key) : [] as $index => $value) {
            $strings[] = \is_string($value)
                ? $value
                : throw $this->wrong("{$this->at($key)}[$index]", 'a string', $value);
        }

        return $strings;
    }

    /** @return array<array-key, string> without those that are null; empty without the map */
    public function stringsByKey(string $key): array
    {
        $map = $this->optionalMap($key) ?? new self([], '');
        $strings = [];
        foreach ($map->keys() as $name) {
            $value = $map->optionalString($name);
            if ($value !== null) {
                $strings[$name] = $value;
            }
        }

        return $strings;
    }

    /** @return array<array-key, list<string>> empty without the map */
    public function listsByKey(string $key): array
    {
        $map = $this->optionalMap($key) ?? new self([], '');
        $lists = [];
        foreach ($map->keys() as $name) {
            $lists[$name] = $map->strings($name);
        }

        return $lists;
    }

    /** The bytes of a string in base64. */
    public function base64(string $key): string
    {
        $bytes = base64_decode($this->string($key), true);

        return $bytes === false
            ? throw new InvalidField($this->at($key), 'base64', 'another string')
            : $bytes;
    }

    /** @return array<mixed> the JSON object or list that a string holds */
    public function json(string $key): array
    {
        return self::decoded($this->string($key), $this->at($key));
    }

    /**
     * @param string $path of the text, for the message
     * @return array<mixed>
     */
    public static function decoded(string $json, string $path): array
    {
        try {
            $value = json_decode($json, true, flags: JSON_THROW_ON_ERROR);
        } catch (JsonException $error) {
            // The parser's message has no part of the text.
            $got = lcfirst($error->getMessage()) . ' in ' . \strlen($json) . ' bytes';
            throw new InvalidField($path, self::JSON, $got);
        }

        return \is_array($value)
            ? $value
            : throw new InvalidField($path, self::JSON, 'JSON of ' . self::type($value));
    }

    /**
     * @template T of string
     * @param non-empty-list<T> $allowed constants of the class that reads the event
     * @return T
     */
    public function oneOf(string $key, array $allowed): string
    {
        $value = $this->string($key);
        foreach ($allowed as $choice) {
            if ($value === $choice) {
                return $choice;
            }
        }

        $expected = "'" . implode("' or '", $allowed) . "'";

        throw new InvalidField($this->at($key), $expected, 'another string');
    }

    /** The path of the object itself; '' for the event. */
    public function path(): string
    {
        return $this->path;
    }

    /** The path of a field from the top of the event. */
    public function at(string $key): string
    {
        if (preg_match('/^[\w-]+$/D', $key) === 1 && \strlen($key) <= self::MAX_KEY_BYTES) {
            return $this->path === '' ? $key : "$this->path.$key";
        }
        // A key that a user chose: a topic, a header, an attribute.
        $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE;

        return "$this->path[" . json_encode(substr($key, 0, self::MAX_KEY_BYTES), $flags) . ']';
    }

    /** The exception for a field that the caller has found to be wrong. */
    public function invalid(string $key, string $expected): InvalidField
    {
        return \array_key_exists($key, $this->values)
            ? $this->wrong($this->at($key), $expected, $this->values[$key])
            : new InvalidField($this->at($key), $expected, 'nothing');
    }

    private function wrong(string $path, string $expected, mixed $value): InvalidField
    {
        return new InvalidField($path, $expected, self::type($value));
    }

    // As far as can be told: PHP decodes {} as [].
    private static function isObject(mixed $value): bool
    {
        return \is_array($value) && ($value === [] || !array_is_list($value));
    }

    // A type as JSON has it.
    private static function type(mixed $value): string
    {
        return match (true) {
            $value === null => 'null',
            \is_bool($value) => 'true or false',
            \is_int($value), \is_float($value) => 'a number',
            \is_string($value) => 'a string',
            $value === [] => 'an empty list or object',
            \is_array($value) => array_is_list($value) ? 'a list' : 'an object',
            default => get_debug_type($value),
        };
    }
}
