<?php
// SPDX-License-Identifier: MIT
//
// Calls the hooks of the application for the SAPI, which calls from top level: each Throwable
// becomes a Failure.

declare(strict_types=1);

namespace Phork\Worker;

use Closure;
use Phork\Hooks;
use ReflectionFunction;
use Throwable;

readonly class HookCalls
{
    public function __construct(private Hooks $hooks)
    {
    }

    /** In a forked child, before its event. The first hook that throws ends the run. */
    public function runForkHooks(): ?Failure
    {
        return self::run('Phork\onFork', $this->hooks->ofFork());
    }

    /** In the zygote, after the seal: a child without any is spared the call. */
    public function hasForkHooks(): bool
    {
        return $this->hooks->ofFork() !== [];
    }

    /** In the zygote, before the first fork. */
    public function runSealHooks(): ?Failure
    {
        return self::run('Phork\onSeal', $this->hooks->ofSeal());
    }

    /** For `phork audit`: appends what an event finds, before code of the application runs. */
    public function recordState(string $file): void
    {
        StateRecorder::record($file, $this);
    }

    /** @param list<Closure> $hooks */
    private static function run(string $on, array $hooks): ?Failure
    {
        foreach ($hooks as $hook) {
            try {
                $hook();
            } catch (Throwable $thrown) {
                $failure = Failure::fromThrowable($thrown);
                $text = 'a hook of ' . $on . self::place($hook) . ' failed: ' . $failure->message;

                return new Failure($failure->type, $text, $failure->stackTrace);
            }
        }

        return null;
    }

    /** Where the hook is written; "" of a function of PHP itself. */
    private static function place(Closure $hook): string
    {
        $function = new ReflectionFunction($hook);
        $file = $function->getFileName();

        return $file === false ? '' : ' (' . $file . ':' . $function->getStartLine() . ')';
    }
}
