<?php
// SPDX-License-Identifier: MIT
//
// The first file that the SAPI runs, at global scope and before the entry file. It makes the
// namespace Phork available without Composer and returns the function that the SAPI calls after the
// entry file has run: that one makes a Dispatcher from the value a handler's file returned, and
// HookCalls when the entry is a script. Neither it nor the objects it returns throw, because an
// exception would have no place to go; an application that cannot boot is a Failure.

declare(strict_types=1);

return (static function (): Closure {
    $load = static function (string $class): void {
        if (!str_starts_with($class, 'Phork\\')) {
            return;
        }
        $file = __DIR__ . '/' . strtr(substr($class, 6), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    };
    spl_autoload_register($load, prepend: true);
    require_once __DIR__ . '/functions.php';
    require_once __DIR__ . '/Hooks.php';

    return static function (
        mixed $entry,
        string $function,
        bool $script = false,
    ) use ($load): object {
        // By now the application's Composer autoloader has put itself first. Its vendor directory
        // may hold another version of phork, and the two must not be mixed: go back to the front.
        spl_autoload_unregister($load);
        spl_autoload_register($load, prepend: true);

        Phork\Worker\StateRecorder::load();
        if ($script) {
            return new Phork\Worker\HookCalls(Phork\Hooks::shared());
        }
        try {
            return Phork\Worker\Dispatcher::boot($entry, $function);
        } catch (Phork\Worker\UnusableEntry $unusable) {
            return new Phork\Worker\Failure('Runtime.UnusableEntry', $unusable->getMessage());
        } catch (Throwable $thrown) {
            return Phork\Worker\Failure::fromThrowable($thrown);
        }
    };
})();
