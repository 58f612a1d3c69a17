<?php
// SPDX-License-Identifier: MIT
//
// Rooms are folders, and a room includes only from itself and from the rooms below it. This table
// is where that order is decided; the build files only follow it.

declare(strict_types=1);

final class IncludeRule
{
    private const RUNTIME = [
        'runtime/base', 'runtime/loop', 'runtime/wire', 'runtime/process', 'runtime/lambda',
        'runtime/http', 'runtime/report',
    ];

    // What the supervisor may know of strategies.
    private const STRATEGIES = ['strategies/strategy.h', 'strategies/registry.h'];

    private const BELOW = [
        'runtime/base' => [],
        'runtime/loop' => ['runtime/base'],
        'runtime/wire' => ['runtime/base'],
        'runtime/process' => ['runtime/base', 'runtime/loop', 'runtime/wire'],
        'runtime/lambda' => ['runtime/base'],
        'runtime/http' => ['runtime/base'],
        'runtime/report' => ['runtime/base'],
        'strategies' => [
            'runtime/base', 'runtime/loop', 'runtime/process', 'runtime/wire', 'runtime/http',
        ],
        'runtime/supervisor' => [...self::RUNTIME, ...self::STRATEGIES],
        'runtime' => [...self::RUNTIME, ...self::STRATEGIES, 'runtime/supervisor'],
        'php-worker/sapi' => [
            'runtime/base', 'runtime/wire', 'runtime/lambda', 'runtime/http', 'runtime/report',
        ],
        'emulator' => ['runtime/base', 'runtime/process', 'runtime/http'],
        'audit' => ['runtime/base', 'runtime/process', 'runtime/http', 'emulator'],
        'bench' => [
            'runtime/base', 'runtime/process', 'runtime/lambda', 'runtime/http', 'runtime/report',
            'emulator',
        ],
        'cli' => [
            'runtime/base', 'runtime/process', 'runtime/http', 'emulator', 'audit', 'bench',
        ],
    ];

    /** Why `$file` may not include `$included` (paths from the root), or null when it may. */
    public function objection(string $file, string $included): ?string
    {
        $room = self::roomOf($file);
        if ($room === 'tests') {
            return null;
        }
        $target = self::roomOf($included);
        if ($target === null) {
            return "include '$included': expected a path from the root, in a known room";
        }
        if ($room === null) {
            return "include '$included': this folder is not a room; add it to IncludeRule::BELOW";
        }
        if ($room === 'strategies' && $target === 'strategies') {
            return self::siblingObjection($file, $included);
        }
        if ($room === $target || array_intersect([$target, $included], self::BELOW[$room]) !== []) {
            return null;
        }
        $may = implode(', ', self::BELOW[$room]) ?: 'nothing else';
        return "include '$included': $room may include $may";
    }

    /** Strategies share the interface, the registry and the helpers named worker_* only. */
    private static function siblingObjection(string $file, string $included): ?string
    {
        $own = self::strategyOf($file);
        $shared = [$own, 'strategy', 'registry', 'worker'];
        if ($own === 'registry' || in_array(self::strategyOf($included), $shared, true)) {
            return null;
        }
        return "include '$included': strategies do not include one another";
    }

    private static function strategyOf(string $path): string
    {
        return preg_split('/[_.]/', basename($path))[0];
    }

    /** The longest room that is a folder of `$path`; what lies deeper belongs to it. */
    private static function roomOf(string $path): ?string
    {
        $folder = dirname($path);
        if ($folder === 'tests' || str_starts_with($folder, 'tests/')) {
            return 'tests';
        }
        // runtime/ itself holds main.cpp only: a folder in it that the table lacks is no room.
        if ($folder === 'runtime') {
            return 'runtime';
        }
        for (; $folder !== '.' && $folder !== 'runtime'; $folder = dirname($folder)) {
            if (isset(self::BELOW[$folder])) {
                return $folder;
            }
        }
        return null;
    }
}
