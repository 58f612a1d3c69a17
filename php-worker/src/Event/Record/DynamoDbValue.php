<?php
// SPDX-License-Identifier: MIT
//
// Attributes of DynamoDB, `{"price": {"N": "3"}, "tags": {"SS": ["a"]}}`, as PHP values. A number
// is an int, or a float that has exactly its digits, or else the text itself: DynamoDB has 38
// digits. Binary values are bytes; sets are lists.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html

declare(strict_types=1);

namespace Phork\Event\Record;

use Phork\Event\Fields;
use Phork\Event\InvalidField;

final class DynamoDbValue
{
    private const TYPES = 'an attribute with one of S, N, B, BOOL, NULL, M, L, SS, NS, BS';

    /**
     * @param Fields $attributes by name
     * @return array<array-key, mixed>
     */
    public static function item(Fields $attributes): array
    {
        $item = [];
        foreach ($attributes->keys() as $name) {
            $item[$name] = self::of($attributes->object($name));
        }

        return $item;
    }

    /** @return string|int|float|bool|null|array<mixed> */
    private static function of(Fields $value): string|int|float|bool|null|array
    {
        $type = (string) array_key_first($value->toArray());

        return match ($type) {
            'S' => $value->string('S'),
            'N' => self::number($value->string('N'), $value->at('N')),
            'B' => $value->base64('B'),
            'BOOL' => $value->bool('BOOL'),
            'NULL' => null,
            'M' => self::item($value->map('M')),
            'L' => array_map(self::of(...), $value->objects('L')),
            'SS' => $value->strings('SS'),
            'NS' => self::numbers($value),
            'BS' => self::binaries($value),
            default => throw new InvalidField(
                $value->path(),
                self::TYPES,
                $type === '' ? 'an empty object' : 'another type',
            ),
        };
    }

    private static function number(string $text, string $path): string|int|float
    {
        if (!is_numeric($text)) {
            throw new InvalidField($path, 'a number in a string', 'another string');
        }
        $number = $text + 0;

        return (string) $number === $text ? $number : $text;
    }

    /** @return list<string|int|float> */
    private static function numbers(Fields $value): array
    {
        $numbers = [];
        foreach ($value->strings('NS') as $index => $text) {
            $numbers[] = self::number($text, "{$value->at('NS')}[$index]");
        }

        return $numbers;
    }

    /** @return list<string> */
    private static function binaries(Fields $value): array
    {
        $binaries = [];
        foreach ($value->strings('BS') as $index => $text) {
            $bytes = base64_decode($text, true);
            $binaries[] = $bytes === false
                ? throw new InvalidField("{$value->at('BS')}[$index]", 'base64', 'another string')
                : $bytes;
        }

        return $binaries;
    }
}
