<?php
// SPDX-License-Identifier: MIT
//
// Rooms are folders, and a room includes only from itself and from the rooms below it. This table
// is where that order is decided; the build files only follow it.

declare(strict_types=1);

final class IncludeRule
{
    private const RUNTIME = [
        'runtime/base', 'runtime/event', 'runtime/process', 'runtime/lambda',
        'runtime/http', 'runtime/logging', 'runtime/slot', 'runtime/tracing',
    ];

    // The headers of strategies that the supervisor may include.
    private const STRATEGIES = ['strategies/strategy.h', 'strategies/registry.h'];

    // Rooms that every part of php-worker may use.
    private const SAPI = [
        'runtime/base', 'runtime/event', 'runtime/process', 'runtime/lambda', 'runtime/http',
        'runtime/logging', 'runtime/slot', 'php-worker/sapi',
    ];

    // Rooms that every part of the emulator may use.
    private const EMULATOR = [
        'runtime/base', 'runtime/event', 'runtime/process', 'runtime/http', 'emulator/http',
        'emulator/event',
    ];

    // Rooms that the command line and its two tools may use.
    private const TOOLS = [
        'runtime/base', 'runtime/event', 'runtime/process', 'runtime/http', 'emulator/http',
        'emulator/event', 'emulator/observe', 'emulator/runtime_api', 'emulator/environments',
        'emulator/gateway', 'emulator/invoke_api', 'emulator/reload', 'emulator/assets',
    ];

    // Room => rooms below it that it may include; a main.cpp may also include its room's folders.
    private const BELOW = [
        'runtime/base' => [],
        'runtime/event' => ['runtime/base'],
        'runtime/process' => ['runtime/base'],
        'runtime/lambda' => ['runtime/base', 'runtime/event'],
        'runtime/http' => ['runtime/base', 'runtime/event'],
        'runtime/logging' => ['runtime/base', 'runtime/event'],
        'runtime/slot' => [
            'runtime/base', 'runtime/event', 'runtime/process', 'runtime/lambda', 'runtime/http',
        ],
        'runtime/tracing' => ['runtime/base', 'runtime/event', 'runtime/lambda', 'runtime/http'],
        'strategies' => [
            'runtime/base', 'runtime/event', 'runtime/process', 'runtime/http', 'runtime/slot',
        ],
        'supervisor' => [...self::RUNTIME, ...self::STRATEGIES],

        'php-worker/sapi' => self::SAPI,
        'php-worker/sapi/memory' => self::SAPI,
        'php-worker/sapi/learning' => self::SAPI,
        'php-worker/sapi/zygote' => [...self::SAPI, 'php-worker/sapi/memory'],
        'php-worker/sapi/rollback' => [...self::SAPI, 'php-worker/sapi/memory'],
        'php-worker/sapi/modes' => [
            ...self::SAPI, 'php-worker/sapi/memory', 'php-worker/sapi/learning',
            'php-worker/sapi/zygote', 'php-worker/sapi/rollback',
        ],

        'tools/pch' => [],
        'tools/manual' => ['runtime/base', 'strategies/registry.h', 'supervisor', 'cli'],

        'emulator/page' => [],
        'emulator/http' => ['runtime/base', 'runtime/event', 'runtime/http'],
        'emulator/assets' => ['runtime/base', 'runtime/event', 'runtime/http', 'emulator/http'],
        'emulator/event' => ['runtime/base', 'runtime/event', 'runtime/process'],
        'emulator/reload' => ['runtime/base'],
        'emulator/sandbox' => ['runtime/base', 'runtime/process', 'runtime/http'],
        'emulator/observe' => [...self::EMULATOR, 'emulator/page'],
        'emulator/extensions' => [...self::EMULATOR, 'emulator/observe'],
        'emulator/runtime_api' => [
            ...self::EMULATOR, 'emulator/observe', 'emulator/extensions',
        ],
        'emulator/environments' => [
            ...self::EMULATOR, 'emulator/observe', 'emulator/sandbox', 'emulator/extensions',
            'emulator/runtime_api',
        ],
        'emulator/gateway' => [...self::EMULATOR, 'emulator/assets', 'emulator/environments'],
        'emulator/invoke_api' => [
            ...self::EMULATOR, 'emulator/runtime_api', 'emulator/environments', 'emulator/gateway',
        ],

        'bench/figures' => ['runtime/base'],
        'bench/subjects' => [...self::RUNTIME, ...self::TOOLS, 'bench/figures'],
        'bench/measure' => [...self::RUNTIME, ...self::TOOLS, 'bench/figures', 'bench/subjects'],
        'bench/cost' => ['runtime/base', 'bench/figures', 'bench/measure'],
        'bench/report' => [
            'runtime/base', 'bench/figures', 'bench/measure', 'bench/cost',
        ],
        'bench/suites' => [
            ...self::RUNTIME, ...self::TOOLS, 'bench/figures', 'bench/subjects', 'bench/measure',
            'bench/cost', 'bench/report',
        ],
        'bench' => self::RUNTIME,
        'audit' => self::TOOLS,
        'packaging/archive' => ['runtime/base'],
        'packaging/layer' => ['runtime/base', 'runtime/process', 'packaging/archive'],
        'packaging/function' => [
            'runtime/base', 'runtime/process', 'runtime/lambda', 'packaging/archive',
            'packaging/layer',
        ],
        'packaging/deployment' => ['runtime/base', 'packaging/archive'],
        'packaging/stubs' => [],
        'cli' => [
            ...self::TOOLS, 'runtime/lambda', 'packaging/archive', 'packaging/layer',
            'packaging/function', 'packaging/deployment', 'audit', 'bench/subjects',
            'bench/measure', 'bench/report', 'bench/suites',
        ],
    ];

    // Below these each folder with C++ is a room; none may slip into the room above it.
    private const DIVIDED = ['runtime', 'php-worker/sapi', 'emulator', 'bench', 'packaging'];

    /** Why `$file` may not lie in its folder, or null when it may. */
    public function folderObjection(string $file): ?string
    {
        $folder = dirname($file);
        foreach (self::DIVIDED as $parent) {
            if (str_starts_with($folder, "$parent/") && !isset(self::BELOW[$folder])) {
                return "folder '$folder': it is not a room; add it to IncludeRule::BELOW";
            }
        }
        return null;
    }

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
            return "include '$included': this file is in no room; add one to IncludeRule::BELOW";
        }
        if ($room === 'strategies' && $target === 'strategies') {
            return self::siblingObjection($file, $included);
        }
        if ($room === $target || array_intersect([$target, $included], self::BELOW[$room]) !== []) {
            return null;
        }
        if ($file === "$room/main.cpp" && str_starts_with($target, "$room/")) {
            return null;
        }
        $may = implode(', ', self::BELOW[$room]) ?: 'nothing else';
        return "include '$included': $room may include $may";
    }

    /** Strategies share the interface and the registry, and do not include one another. */
    private static function siblingObjection(string $file, string $included): ?string
    {
        $own = self::strategyOf($file);
        $shared = [$own, 'strategy', 'registry'];
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

    /** The longest room that is a folder of `$path`; deeper folders belong to it. */
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
