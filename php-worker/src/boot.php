<?php
// SPDX-License-Identifier: MIT
//
// What the SAPI requires, from global scope, before it runs the entry file: makes the namespace
// Phork available without Composer and returns the one function the SAPI calls at boot: it makes a
// Dispatcher of what a handler's file returned, and HookCalls where the entry is a script. Neither
// that function nor anything it returns throws: what keeps an application from booting is a
// Failure.

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
        // The application's Composer autoloader has put itself first by now. Should its vendor
        // directory hold another version of phork, the two must not be mixed: back to the front.
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
