<?php
// SPDX-License-Identifier: MIT
//
// Text of unknown origin, made fit for JSON. PCRE and JSON do the work: they are in every PHP,
// mbstring is not.

declare(strict_types=1);

namespace Phork\Worker;

final class Utf8
{
    public static function isValid(string $text): bool
    {
        return preg_match('//u', $text) === 1;
    }

    /** The text with U+FFFD for what is no UTF-8. */
    public static function clean(string $text): string
    {
        return self::isValid($text)
            ? $text
            : json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR));
    }
}
