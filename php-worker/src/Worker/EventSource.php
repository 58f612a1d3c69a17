<?php
// SPDX-License-Identifier: MIT
//
// The facts in the JSON text of an event that PHP's values do not hold: which arrays were objects,
// though they are empty or have the keys 0, 1, 2 ..., and how numbers were written. They are kept
// as a tree of places. It is like the decoded event, but each object has one member more, and each
// number is its own text; both are told by a mark that nobody can guess.

declare(strict_types=1);

namespace Phork\Worker;

use JsonException;

final class EventSource
{
    // Escapes that hide the end of a string, and others that do not. A pattern that had to know
    // the former would run out of stack in a long string.
    private const PLAIN_ESCAPES = ['\\\\' => '\u005c', '\"' => '\u0022'];

    private const STRING = '"[^"]*+"(*SKIP)(*F)';

    // json_encode() would write these otherwise: an object that is empty or may look like a list;
    // numbers with an exponent, of more digits than PHP keeps, with zeros that it drops, and -0.
    private const LOST = '~"(?:0|\\\\u0030)"\s*+:|' . self::STRING . '|\{\s*+\}|\d[eE]|\d{19}'
        . '|-0(?![\d.])|\.\d+0(?!\d)|0\.000|(?=[\d.]{16})\d+\.~';

    private const NUMBER = '~' . self::STRING . '|-?\d[-+.\deE]*+~';
    private const EMPTY_OBJECT = '~' . self::STRING . '|\{\s*+\}~';
    // Of any but an empty one, which has its mark, and in it the only number, by now.
    private const END_OF_OBJECT = '~' . self::STRING . '|\{"[^"]*+":0\}(*SKIP)(*F)|\}~';

    // Beyond so many, an object with the keys of a list is known by its place alone, so that a
    // search never takes long.
    private const MAX_LIST_LIKE = 256;

    private mixed $places;
    private int $changes = 0;

    /** @var list<array<mixed>> objects that look like a list */
    private array $listLike = [];

    /** @var list<array<mixed>>|null lists, until they were compared with the objects */
    private ?array $lists = [];

    /** @var array<string, string>|null texts of numbers by their value */
    private ?array $numbers = null;

    private function __construct(
        private readonly string $mark,
        private readonly EmptyObject $emptyObject,
    ) {
    }

    /**
     * Null when json_encode() would write all of it as it came. Otherwise `$value`, which is the
     * decoded text, gets the empty object in its places.
     */
    public static function of(string $json, mixed &$value, EmptyObject $emptyObject): ?self
    {
        if (str_contains($json, '\\')) {
            $json = strtr($json, self::PLAIN_ESCAPES);
        }
        if (preg_match(self::LOST, $json) !== 1) {
            return null;
        }
        $source = new self('n' . bin2hex(random_bytes(12)), $emptyObject);
        try {
            $marked = $source->marked($json);
            $source->places = json_decode($marked, true, Json::MAX_DEPTH, JSON_THROW_ON_ERROR);
        } catch (JsonException) {
            return null; // PHP's parser is at its limits
        }
        if (\is_array($source->places)) {
            $value = $source->plant($value, $source->places);
        }

        return $source;
    }

    public function root(): mixed
    {
        return $this->places;
    }

    /** The place below another one; null when the event has none there. */
    public static function below(mixed $place, int|string $key): mixed
    {
        return \is_array($place) ? $place[$key] ?? null : null;
    }

    public function isEmptyObject(array $empty): bool
    {
        return $this->emptyObject->is($empty);
    }

    /** True when an array that looks like a list was an object in the event. */
    public function isObject(array $list, mixed $place): bool
    {
        if (\is_array($place) && \array_key_exists(0, $place)) {
            return isset($place[$this->mark]);
        }

        if ($this->lists !== null) {
            $isNoList = fn (array $object): bool => !\in_array($object, $this->lists, true);
            $this->listLike = array_filter($this->listLike, $isNoList);
            $this->lists = null;
        }

        return \in_array($list, $this->listLike, true);
    }

    /**
     * The marked text of a number: as it came in this place, or as this value came anywhere, unless
     * that was in two ways. Null for a number that is not the event's.
     */
    public function number(int|float $number, mixed $place): ?string
    {
        $text = $this->textOf($place);
        if ($text !== null && self::isSame(json_decode($text), $number)) {
            return $place;
        }

        return \is_float($number) ? ($this->numbers()[pack('E', $number)] ?? '') ?: null : null;
    }

    /** Makes numbers of their marked texts. */
    public function unmarked(string $json): string
    {
        $pieces = explode("\"$this->mark", $json);
        for ($i = 1; isset($pieces[$i]); ++$i) {
            $pieces[$i] = substr_replace($pieces[$i], '', (int) strpos($pieces[$i], '"'), 1);
        }

        return implode('', $pieces);
    }

    // No pattern holds the mark, so that PHP compiles each of them once. A mark is the last member
    // of its object, because the parser's stack would hold a first one for longer.
    private function marked(string $json): string
    {
        return (string) preg_replace(
            [self::NUMBER, self::EMPTY_OBJECT, self::END_OF_OBJECT],
            ["\"$this->mark\$0\"", "{\"$this->mark\":0}", ",\"$this->mark\":0}"],
            $json,
        );
    }

    /**
     * @param array<mixed> $values
     * @param array<mixed> $places
     * @return array<mixed> the values, with the empty object in its places
     */
    private function plant(array $values, array $places): array
    {
        if ($places === [$this->mark => 0]) {
            ++$this->changes;

            return $this->emptyObject->array();
        }
        foreach ($places as $key => $place) {
            if (\is_array($place) && $place !== []) {
                $changes = $this->changes;
                $value = $this->plant($values[$key], $place);
                if ($this->changes !== $changes) {
                    $values[$key] = $value;
                }
            }
        }
        $this->noteListLike($values, isset($places[$this->mark]));

        return $values;
    }

    /** @param array<mixed> $values */
    private function noteListLike(array $values, bool $isObject): void
    {
        if (!$isObject) {
            $this->lists[] = $values;
        } elseif (array_is_list($values) && \count($this->listLike) < self::MAX_LIST_LIKE) {
            $this->listLike[] = $values;
        }
    }

    private function textOf(mixed $place): ?string
    {
        return \is_string($place) && str_starts_with($place, $this->mark)
            ? substr($place, \strlen($this->mark))
            : null;
    }

    /** @return array<string, string> '' for a value that came in two ways */
    private function numbers(): array
    {
        if ($this->numbers !== null) {
            return $this->numbers;
        }
        $this->numbers = [];
        $places = [$this->places];
        array_walk_recursive($places, function (mixed $place): void {
            $number = json_decode($this->textOf($place) ?? 'null');
            if (\is_float($number)) {
                $known = &$this->numbers[pack('E', $number)];
                $known = ($known ?? $place) === $place ? $place : '';
            }
        });

        return $this->numbers;
    }

    private static function isSame(int|float $came, int|float $is): bool
    {
        return $came === $is
            && (!\is_float($is) || $is !== 0.0 || fdiv(1.0, $came) === fdiv(1.0, $is));
    }
}
