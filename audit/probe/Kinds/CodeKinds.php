<?php
// SPDX-License-Identifier: MIT
//
// Declarations, which PHP cannot undo, and the settings by which code is found and called.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Planted\Counter;
use Phork\Audit\Planted\Reactor;

final class CodeKinds implements Family
{
    private const PLANTED = 'Phork\Audit\Planted';
    private const FOLDER = __DIR__ . '/../Planted';

    public function group(): Group
    {
        return Group::Php;
    }

    public function kinds(): iterable
    {
        yield from $this->declarations();
        yield from $this->autoloading();
        yield from $this->calls();
    }

    private function declarations(): Generator
    {
        yield new Kind(
            'constant',
            'a constant',
            static fn () => \defined(self::PLANTED . '\CONSTANT'),
            static fn () => \define(self::PLANTED . '\CONSTANT', 'planted'),
        );
        yield new Kind(
            'declared-function',
            'a declared function',
            static fn () => \function_exists(self::PLANTED . '\declared_function'),
            static fn () => require_once self::FOLDER . '/function.php',
        );
        yield new Kind(
            'declared-class',
            'a declared class',
            static fn () => class_exists(self::PLANTED . '\DeclaredClass', false),
            static fn () => require_once self::FOLDER . '/class.php',
        );
        yield new Kind(
            'class-alias',
            'a second name of a class',
            static fn () => class_exists(self::PLANTED . '\AliasClass', false),
            static fn () => class_alias(Counter::class, self::PLANTED . '\AliasClass'),
        );
        yield new Kind(
            'included-file',
            'a file in get_included_files()',
            static fn () => \in_array(
                \dirname(__DIR__) . '/Planted/included.php',
                get_included_files(),
                true,
            ),
            static fn () => require_once self::FOLDER . '/included.php',
        );
    }

    private function autoloading(): Generator
    {
        yield new Kind(
            'autoloader',
            'an autoload function',
            static fn () => \in_array([Reactor::class, 'autoload'], spl_autoload_functions(), true),
            static fn () => spl_autoload_register([Reactor::class, 'autoload']),
        );
        yield new Kind(
            'autoload-extensions',
            'spl_autoload_extensions()',
            static fn () => spl_autoload_extensions(),
            static fn () => spl_autoload_extensions('.planted'),
        );
    }

    private function calls(): Generator
    {
        yield new Kind(
            'shutdown-function',
            'a shutdown function, as long as PHP holds it',
            static fn () => Kept::isHeld('shutdown'),
            static fn () => register_shutdown_function(Kept::watch('shutdown', new Reactor())),
        );
        yield new Kind(
            'tick-function',
            'a tick function, as long as PHP holds it',
            static fn () => Kept::isHeld('tick'),
            static fn () => register_tick_function(Kept::watch('tick', new Reactor())),
        );
        yield new Kind(
            'string-tokens',
            'the rest of the string that strtok() splits',
            self::lookAtTokens(...),
            static fn () => strtok('phork planted', ' '),
        );
    }

    // Asking for the rest consumes it, so it is put back.
    private static function lookAtTokens(): string|false
    {
        // Since PHP 8.3 it warns when there is no string.
        set_error_handler(static fn (): bool => true);
        $rest = strtok("\1");
        restore_error_handler();
        if ($rest !== false) {
            strtok("phork\1$rest", "\1");
        }

        return $rest;
    }
}
