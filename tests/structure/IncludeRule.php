<?php
// SPDX-License-Identifier: MIT
//
// Rooms are folders, and a room includes only from itself and from the rooms below it. This table
// is where that order is decided; the build files only follow it.

declare(strict_types=1);

final class IncludeRule
{
    private const RUNTIME = [
        'runtime/base', 'runtime/event', 'runtime/wire', 'runtime/process', 'runtime/lambda',
        'runtime/http', 'runtime/logging',
    ];

    // What the supervisor may know of strategies.
    private const STRATEGIES = ['strategies/strategy.h', 'strategies/registry.h'];

    private const BELOW = [
        'runtime/base' => [],
        'runtime/event' => ['runtime/base'],
        'runtime/wire' => ['runtime/base', 'runtime/event'],
        'runtime/process' => ['runtime/base', 'runtime/wire'],
        'runtime/lambda' => ['runtime/base', 'runtime/event'],
        'runtime/http' => ['runtime/base', 'runtime/event'],
        'runtime/logging' => ['runtime/base', 'runtime/event'],
        'strategies' => [
            'runtime/base', 'runtime/event', 'runtime/process', 'runtime/wire', 'runtime/http',
        ],
        'supervisor' => [...self::RUNTIME, ...self::STRATEGIES],
        'php-worker/sapi' => [
            'runtime/base', 'runtime/event', 'runtime/wire', 'runtime/lambda', 'runtime/http',
            'runtime/logging',
        ],
        'emulator' => ['runtime/base', 'runtime/event', 'runtime/process', 'runtime/http'],
        'audit' => [
            'runtime/base', 'runtime/event', 'runtime/process', 'runtime/http', 'emulator',
        ],
        'bench' => [...self::RUNTIME, 'emulator'],
        'cli' => [
            'runtime/base', 'runtime/event', 'runtime/process', 'runtime/http', 'emulator', 'audit',
            'bench',
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

    /** Strategies share the interface, the registry and the helpers of worker/ only. */
    private static function siblingObjection(string $file, string $included): ?string
    {
        $own = self::strategyOf($file);
        $shared = [$own, 'strategy', 'registry', 'worker'];
        if ($own === 'registry' || in_array(self::strategyOf($included), $shared, true)) {
            return null;
        }
        return "include '$included': strategies do not include one another";
    }

    /** The folder or the name of the file that comes first below strategies/. */
    private static function strategyOf(string $path): string
    {
        return preg_split('#[/.]#', $path)[1];
    }

    /** The longest room that is a folder of `$path`; what lies deeper belongs to it. */
    private static function roomOf(string $path): ?string
    {
        $folder = dirname($path);
        if ($folder === 'tests' || str_starts_with($folder, 'tests/')) {
            return 'tests';
        }
        for (; $folder !== '.'; $folder = dirname($folder)) {
            if (isset(self::BELOW[$folder])) {
                return $folder;
            }
        }
        return null;
    }
}
