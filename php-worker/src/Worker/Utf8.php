<?php
// SPDX-License-Identifier: MIT
//
// Makes text of unknown origin fit for JSON, with PCRE and JSON, which every PHP has; mbstring may
// be missing.

declare(strict_types=1);

namespace Phork\Worker;

final class Utf8
{
    public static function isValid(string $text): bool
    {
        return preg_match('//u', $text) === 1;
    }

    /** Replaces invalid UTF-8 by U+FFFD. */
    public static function clean(string $text): string
    {
        return self::isValid($text)
            ? $text
            : json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR));
    }
}
