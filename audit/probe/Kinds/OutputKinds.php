<?php
// SPDX-License-Identifier: MIT
//
// Buffered output, and the status and headers of an HTTP answer.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Planted\Reactor;

final class OutputKinds implements Family
{
    private const HEADER = 'X-Phork-Audit: planted';

    public function group(): Group
    {
        return Group::Output;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'output-buffer',
            'an open output buffer',
            ob_get_level(...),
            static fn () => ob_start(),
        );
        yield new Kind(
            'output-handler',
            'a callback that output passes through',
            static fn () => \in_array(Reactor::class . '::onOutput', ob_list_handlers(), true),
            static fn () => ob_start([Reactor::class, 'onOutput']),
        );
        yield new Kind(
            'output-rewrite-variable',
            'a variable of output_add_rewrite_var()',
            static fn () => \in_array('URL-Rewriter', ob_list_handlers(), true),
            static fn () => output_add_rewrite_var('phork-audit', 'planted'),
        );
        yield new Kind(
            'implicit-flush',
            'the ini setting implicit_flush',
            static fn () => (bool) \ini_get('implicit_flush'),
            static fn () => ini_set('implicit_flush', !\ini_get('implicit_flush')),
        );
        yield from $this->response();
    }

    private function response(): Generator
    {
        yield new Kind(
            'response-header',
            'a header of the response',
            static fn () => \in_array(self::HEADER, headers_list(), true),
            static fn () => header(self::HEADER),
            self::withoutHeaders(),
        );
        yield new Kind(
            'response-code',
            'the status of the response',
            static fn () => http_response_code(),
            static fn () => http_response_code(203),
        );
        yield new Kind(
            'header-callback',
            'a callback for headers, as long as PHP holds it',
            static fn () => Kept::isHeld('headers'),
            static fn () => header_register_callback(Kept::watch('headers', new Reactor())),
        );
    }

    private static function withoutHeaders(): string
    {
        return PHP_SAPI === 'cli' ? 'needs a web server: the command line has no headers' : '';
    }
}
