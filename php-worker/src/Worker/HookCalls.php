<?php
// SPDX-License-Identifier: MIT
//
// Calls the hooks of the application for the SAPI, which calls from top level: each Throwable
// becomes a Failure.

declare(strict_types=1);

namespace Phork\Worker;

use Phork\Hooks;
use Throwable;

readonly class HookCalls
{
    public function __construct(private Hooks $hooks)
    {
    }

    /** In a forked child, before its event. The first hook that throws ends the run. */
    public function runForkHooks(): ?Failure
    {
        return $this->run($this->hooks->runFork(...));
    }

    /** In the zygote, before the first fork. */
    public function runSealHooks(): ?Failure
    {
        return $this->run($this->hooks->runSeal(...));
    }

    private function run(callable $hooks): ?Failure
    {
        try {
            $hooks();

            return null;
        } catch (Throwable $thrown) {
            return Failure::fromThrowable($thrown);
        }
    }
}
