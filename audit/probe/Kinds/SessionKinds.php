<?php
// SPDX-License-Identifier: MIT
//
// Sessions. Settings come first, because PHP refuses to change them while a session is active.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Planted\Sessions;
use Phork\Audit\Scratch;

final class SessionKinds implements Family
{
    private string $missing;

    public function __construct()
    {
        $this->missing = Needs::extension('session');
    }

    public function group(): Group
    {
        return Group::Http;
    }

    public function kinds(): iterable
    {
        yield from $this->settings();
        yield new Kind(
            'session-id',
            'the id of the session',
            static fn () => session_id(),
            static fn () => session_id('phork-audit'),
            $this->missing,
        );
        yield new Kind(
            'session-variable',
            'an entry of $_SESSION',
            static fn () => $_SESSION['phork-audit'] ?? null,
            static fn () => $_SESSION['phork-audit'] = 'planted',
            $this->missing,
        );
        yield new Kind(
            'session-handler',
            'a session handler, as long as PHP holds it',
            static fn () => Kept::isHeld('sessions'),
            static fn () => session_set_save_handler(
                Kept::watch('sessions', new Sessions()),
                false,
            ),
            $this->missing,
        );
        yield new Kind(
            'session-status',
            'an active session',
            static fn () => session_status() === PHP_SESSION_ACTIVE,
            static function (): void {
                session_id(Scratch::name('session'));
                session_start([
                    'use_cookies' => '0',
                    'cache_limiter' => '',
                    'save_path' => sys_get_temp_dir(),
                ]);
            },
            $this->missing,
        );
    }

    private function settings(): Generator
    {
        yield new Kind(
            'session-name',
            'session_name()',
            static fn () => session_name(),
            static fn () => session_name('PHORKAUDIT'),
            $this->missing,
        );
        yield new Kind(
            'session-save-path',
            'session_save_path()',
            static fn () => session_save_path(),
            // Another name for the same folder, so that sessions still work.
            static fn () => session_save_path((session_save_path() ?: sys_get_temp_dir()) . '/.'),
            $this->missing,
        );
        yield new Kind(
            'session-cookie-parameters',
            'session_get_cookie_params()',
            static fn () => session_get_cookie_params(),
            static fn () => session_set_cookie_params(['lifetime' => 4711, 'path' => '/planted']),
            $this->missing,
        );
        yield new Kind(
            'session-cache-limiter',
            'session_cache_limiter()',
            static fn () => session_cache_limiter(),
            static fn () => session_cache_limiter('private_no_expire'),
            $this->missing,
        );
        yield new Kind(
            'session-cache-expire',
            'session_cache_expire()',
            static fn () => session_cache_expire(),
            static fn () => session_cache_expire(4711),
            $this->missing,
        );
    }
}
