<?php
// SPDX-License-Identifier: MIT
//
// Settings that ini_set() changes, with values that no configuration uses and that do no harm.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;

final class IniKinds implements Family
{
    private const PLANTED = [
        'arg_separator.output' => '&phork;',
        'assert.exception' => '0',
        'default_charset' => 'ISO-8859-15',
        'default_mimetype' => 'text/x-phork-audit',
        'default_socket_timeout' => '61',
        'display_errors' => 'stderr',
        'error_log' => '/dev/null',
        'error_prepend_string' => 'phork-audit: ',
        'highlight.comment' => '#123456',
        'html_errors' => 'off',
        'iconv.internal_encoding' => 'ISO-8859-15',
        'ignore_repeated_errors' => '1',
        'memory_limit' => '1999M',
        'pcre.backtrack_limit' => '1000001',
        'precision' => '13',
        'serialize_precision' => '16',
        'unserialize_max_depth' => '4097',
        'url_rewriter.tags' => 'form=,planted=',
        'user_agent' => 'phork-audit',
    ];

    public function group(): Group
    {
        return Group::Settings;
    }

    public function kinds(): iterable
    {
        foreach (self::PLANTED as $setting => $planted) {
            yield new Kind(
                'ini-' . strtr($setting, '._', '--'),
                "the ini setting $setting",
                static fn () => \ini_get($setting),
                // Deprecated settings still work.
                static fn () => @ini_set($setting, $planted),
                Needs::setting($setting),
            );
        }
    }
}
