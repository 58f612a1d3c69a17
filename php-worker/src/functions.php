<?php
// SPDX-License-Identifier: MIT
//
// The functions an application calls while it boots. The guard is for one that has phork in its
// vendor directory too: Composer requires its copy of this file whatever is loaded already.

declare(strict_types=1);

namespace Phork;

if (!\function_exists('Phork\onFork')) {
    // For what two processes must not share: reseed generators, reopen connections, renew caches of
    // the process id. Called in every forked child, before it is given its event.
    function onFork(callable $hook): void
    {
        Hooks::shared()->onFork($hook);
    }

    // Called once in the zygote, after boot and rehearsal and before the first fork: the place to
    // close connections and files that boot has opened.
    function onSeal(callable $hook): void
    {
        Hooks::shared()->onSeal($hook);
    }
}
