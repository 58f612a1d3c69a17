<?php
// SPDX-License-Identifier: MIT
//
// PHP's caches of file information inside the process. SharedKinds has the caches that events
// share.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\KeptByFpm;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Scratch;

final class CacheKinds implements Family
{
    public function group(): Group
    {
        return Group::Cache;
    }

    public function kinds(): iterable
    {
        yield new Kind(
            'realpath-cache',
            'a path in the realpath cache',
            static fn () => isset(realpath_cache_get()['/proc/version']),
            static fn () => realpath('/proc/version'),
            Needs::file('/proc/version'),
            keptByFpm: KeptByFpm::Cache,
        );
        yield new Kind(
            'stat-cache',
            'a cached size of a file',
            self::isStale(...),
            self::makeStale(...),
        );
    }

    // Only the cache says that it is empty. Since PHP 8.4 opening a file empties the cache.
    private static function isStale(): bool
    {
        $file = Scratch::file('stat-cache');

        return is_file($file) && filesize($file) === 0;
    }

    private static function makeStale(): void
    {
        $file = Scratch::file('stat-cache');
        file_put_contents($file, '');
        clearstatcache();
        filesize($file);
        // PHP writes its log without a stream.
        ini_set('error_log', $file);
        error_log('planted');
        ini_restore('error_log');
    }
}
