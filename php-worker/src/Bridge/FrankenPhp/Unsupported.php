<?php
// SPDX-License-Identifier: MIT
//
// Functions that work with FrankenPHP's own web server, and with no gateway of Lambda.

declare(strict_types=1);

namespace Phork\Bridge\FrankenPhp;

final class Unsupported
{
    public const MERCURE = 'mercure_publish(): expected the Mercure hub of FrankenPHP, got a Lambda'
        . ' function, which has none: publish over HTTP to a hub of your own (symfony/mercure, its'
        . ' MERCURE_URL)';

    private const EARLY_HINTS = 'headers_send(%d): expected a connection to the client, got a'
        . ' gateway of Lambda, which takes one response for each event: nothing is sent before it;'
        . ' keep the Link headers, of which a CDN may make early hints';

    private const HEADERS = 'headers_send(%d): expected a connection to the client, got a gateway'
        . ' of Lambda: the headers leave with the first byte of the body; set'
        . ' PHORK_RESPONSE=stream and call flush() to have it leave before the rest';

    // SAPI_HEADER_SENT_SUCCESSFULLY
    private const SENT = 1;

    /** @var array<int, true> statuses of which the log has been told */
    private static array $told = [];

    /** Logs one line for each status and process. An informational status changes nothing. */
    public static function headersSend(int $status): int
    {
        $isInformational = $status >= 100 && $status < 200;
        if (!isset(self::$told[$status])) {
            self::$told[$status] = true;
            error_log(sprintf($isInformational ? self::EARLY_HINTS : self::HEADERS, $status));
        }
        if (!$isInformational) {
            http_response_code($status);
        }

        return self::SENT;
    }
}
