<?php
// SPDX-License-Identifier: MIT
//
// The functions that an application calls while it boots. The guard is for an application with
// phork in its vendor directory: Composer requires that copy of this file even when this one is
// loaded. A script under php-fpm has no autoloader for the class.

declare(strict_types=1);

namespace Phork;

if (!\function_exists('Phork\onFork')) {
    /**
     * Registers a function that is called in every forked child before its event. Two processes
     * must not share connections, seeds of random generators or caches of the process id: renew
     * them.
     */
    function onFork(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->onFork($hook);
    }

    /**
     * Registers a function that is called once in the zygote, after boot and rehearsal and before
     * the first fork: the place to close connections and files that boot opened.
     */
    function onSeal(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->onSeal($hook);
    }

    /**
     * Registers a function that is called once after boot and rehearsal, before Lambda makes a
     * snapshot of this environment (SnapStart; nowhere else): the place to let go of all that two
     * copies of it must not share. Its exceptions end the initialization.
     * @param callable(): void $hook
     */
    function onSnapshot(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->onSnapshot($hook);
    }

    /**
     * Registers a function that is called when Lambda has restored an environment from a snapshot,
     * before its first event, in every process that booted: renew there what each copy needs for
     * itself. All of these together have 8 seconds. Their exceptions end the environment.
     * @param callable(): void $hook
     */
    function onRestore(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->onRestore($hook);
    }
}
