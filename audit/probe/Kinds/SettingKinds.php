<?php
// SPDX-License-Identifier: MIT
//
// Settings that have their own functions: errors, paths, places, limits.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Planted\Reactor;

final class SettingKinds implements Family
{
    public function group(): Group
    {
        return Group::Settings;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'error-reporting',
            'error_reporting()',
            static fn () => error_reporting(),
            static fn () => error_reporting(E_ALL & ~E_USER_NOTICE & ~E_USER_DEPRECATED),
        );
        yield new Kind(
            'include-path',
            'the include path',
            get_include_path(...),
            static fn () => set_include_path('.:/phork-audit'),
        );
        yield new Kind(
            'assertion-callback',
            'the callback of assertions',
            // Deprecated since PHP 8.3, but works.
            static fn () => @assert_options(ASSERT_CALLBACK),
            static fn () => @assert_options(ASSERT_CALLBACK, Reactor::class . '::onAssertion'),
            Needs::functions('assert_options'),
        );
        yield from $this->places();
        yield from $this->limits();
    }

    private function places(): Generator
    {
        yield new Kind(
            'locale',
            'the locale of all categories',
            static fn () => setlocale(LC_ALL, '0'),
            // Only one category, so that numbers keep their decimal point.
            static fn () => setlocale(LC_TIME, setlocale(LC_TIME, '0') === 'C' ? 'C.UTF-8' : 'C'),
        );
        yield new Kind(
            'timezone',
            'the default time zone',
            date_default_timezone_get(...),
            static fn () => date_default_timezone_set('Antarctica/Troll'),
        );
    }

    private function limits(): Generator
    {
        yield new Kind(
            'time-limit',
            'the time limit',
            static fn () => \ini_get('max_execution_time'),
            static fn () => set_time_limit(86400),
            Needs::setting('max_execution_time'),
        );
        yield new Kind(
            'ignore-user-abort',
            'ignore_user_abort()',
            static fn () => ignore_user_abort(),
            static fn () => ignore_user_abort(ignore_user_abort() === 0),
        );
    }
}
