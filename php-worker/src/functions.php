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
     * Registers a function that is called once in every process that has booted the application,
     * before rehearsal and events. Its exceptions fail the boot.
     * @param callable(): void $hook
     */
    function onBoot(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
    }

    /**
     * Registers a function that is called before each event, in the process that serves it. An
     * exception is the answer to the event: the application is not called, nor are hooks that come
     * later.
     * @param callable(Context): void $hook
     */
    function onBeforeEvent(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
    }

    /**
     * Registers a function that is called when an event has been answered, the last one first. Its
     * second argument says if the answer is an error, or an HTTP response with a status of 500 and
     * more. Exceptions are logged.
     * @param callable(Context, bool): void $hook
     */
    function onAfterEvent(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
    }

    /**
     * Registers a function that is called in every forked child before its event. Two processes
     * must not share connections, seeds of random generators or caches of the process id: renew
     * them.
     * @param callable(): void $hook
     */
    function onFork(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
    }

    /**
     * Registers a function that is called once in the zygote, after boot and rehearsal and before
     * the first fork: the place to close connections and files that boot opened.
     * @param callable(): void $hook
     */
    function onSeal(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
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
        Hooks::shared()->add(__FUNCTION__, $hook);
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
        Hooks::shared()->add(__FUNCTION__, $hook);
    }

    /**
     * Registers a function that is called when Lambda ends the environment (SIGTERM), in a process
     * that has booted and waits. Lambda says so only with an extension: PHORK_GRACEFUL_SHUTDOWN=on.
     * It leaves a few hundred milliseconds. Exceptions are logged.
     * @param callable(): void $hook
     */
    function onShutdown(callable $hook): void
    {
        \class_exists(Hooks::class) || require __DIR__ . '/Hooks.php';
        Hooks::shared()->add(__FUNCTION__, $hook);
    }
}
