<?php
// SPDX-License-Identifier: MIT
//
// The last errors that PHP and its extensions remember.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use DateTime;
use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\KeptByFpm;
use Phork\Audit\Kind;
use Phork\Audit\Needs;

final class ErrorKinds implements Family
{
    public function group(): Group
    {
        return Group::Errors;
    }

    public function kinds(): iterable
    {
        yield from $this->values();
        yield from $this->queues();
        yield from $this->numbers();
    }

    private function values(): Generator
    {
        yield new Kind(
            'last-error',
            'error_get_last()',
            static fn () => error_get_last()['message'] ?? null,
            static fn () => @trigger_error('phork-audit: planted', E_USER_WARNING),
        );
        yield new Kind(
            'json-error',
            'json_last_error()',
            json_last_error(...),
            static fn () => json_decode('{'),
        );
        yield new Kind(
            'preg-error',
            'preg_last_error()',
            preg_last_error(...),
            static fn () => preg_match('/./u', "\xff"),
        );
        yield new Kind(
            'date-errors',
            'DateTime::getLastErrors()',
            static fn () => DateTime::getLastErrors()['error_count'] ?? 0,
            static fn () => DateTime::createFromFormat('Y', 'planted'),
        );
        yield new Kind(
            'intl-error',
            'intl_get_error_code()',
            static fn () => intl_get_error_code(),
            static fn () => normalizer_normalize("\xff"),
            Needs::extension('intl'),
        );
    }

    private function queues(): Generator
    {
        yield new Kind(
            'libxml-errors',
            'libxml_get_errors()',
            static fn () => \count(libxml_get_errors()),
            static function (): void {
                libxml_use_internal_errors(true);
                simplexml_load_string('<planted');
            },
            Needs::extension('simplexml'),
        );
        yield new Kind(
            'openssl-errors',
            'the queue of openssl_error_string()',
            self::lookAtOpensslErrors(...),
            self::failInOpenssl(...),
            Needs::extension('openssl'),
            keptByFpm: KeptByFpm::Extension,
        );
    }

    private function numbers(): Generator
    {
        yield new Kind(
            'posix-error',
            'posix_get_last_error()',
            static fn () => posix_get_last_error(),
            static fn () => posix_getpgid(PHP_INT_MAX >> 32),
            Needs::extension('posix'),
            keptByFpm: KeptByFpm::Extension,
        );
        yield new Kind(
            'socket-error',
            'socket_last_error()',
            static fn () => socket_last_error(),
            static function (): void {
                $socket = socket_create(AF_UNIX, SOCK_STREAM, 0);
                @socket_connect($socket, '/phork-audit/planted');
            },
            Needs::extension('sockets'),
            keptByFpm: KeptByFpm::Extension,
        );
    }

    // Reading the queue empties it, so a queue that had an error gets one again.
    private static function lookAtOpensslErrors(): bool
    {
        $found = false;
        while (openssl_error_string() !== false) {
            $found = true;
        }
        if ($found) {
            self::failInOpenssl();
        }

        return $found;
    }

    private static function failInOpenssl(): void
    {
        @openssl_pkey_get_public('planted');
    }
}
