<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;
use Phork\Event\InvalidField;

/** The times that events hold. All are in UTC. */
final class Time
{
    public static function ofMilliseconds(int $milliseconds): DateTimeImmutable
    {
        return self::ofSeconds($milliseconds / 1000);
    }

    public static function ofSeconds(float $seconds): DateTimeImmutable
    {
        // setTimestamp() takes no fraction.
        $whole = (int) floor($seconds);
        $micros = (int) round(($seconds - $whole) * 1e6);

        return (new DateTimeImmutable("@$whole"))->modify("+$micros microseconds")
            ?: new DateTimeImmutable("@$whole");
    }

    /** A time as RFC 3339 writes it, such as `2019-01-02T12:45:07.000Z`. */
    public static function ofField(Fields $fields, string $key): DateTimeImmutable
    {
        $text = $fields->string($key);
        $time = preg_match('/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/', $text) === 1
            ? date_create_immutable($text)
            : false;

        return $time === false
            ? throw new InvalidField($fields->at($key), 'a time of RFC 3339', 'another string')
            : $time;
    }
}
