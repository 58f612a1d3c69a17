<?php
// SPDX-License-Identifier: MIT
//
// The fatal error that ended an entry's code, seen from a shutdown function. PHP has logged it.

declare(strict_types=1);

namespace Phork\Fpm;

use Phork\Worker\Failure;

final class FatalError
{
    private const TYPES = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR
        | E_RECOVERABLE_ERROR;

    /** Null when there was no error, or the last one was not fatal. */
    public static function last(): ?Failure
    {
        $error = error_get_last();
        if ($error === null || ($error['type'] & self::TYPES) === 0) {
            return null;
        }
        $memory = str_starts_with($error['message'], 'Allowed memory size of ');
        $type = $memory ? 'Runtime.PhpOutOfMemory' : 'Runtime.PhpFatal';
        $place = "{$error['file']}:{$error['line']}";

        return new Failure($type, "{$error['message']} in $place", [$place]);
    }
}
